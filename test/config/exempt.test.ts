import { describe, expect, test } from 'vitest'
import { formatIpNetwork } from '../../src/base/ip-network.ts'
import { findConfigProblems, parseConfig } from '../../src/config/parse-config.ts'
import { renderConfig, toSettings } from '../../src/config/render-config.ts'

const KEY = `SHA256:${'Ab1+/'.repeat(8)}Ab1`

const parse = (text: string) => parseConfig(text, 'test')
const ruleOf = (...lines: string[]) => ['[[exempt]]', 'name = "office"', ...lines, ''].join('\n')
const problemsOf = (text: string) =>
  findConfigProblems(text).map(({ line, message }) => `${line} ${message}`)

const EVERY_KEY = ruleOf(
  'users = ["alice", "DOM\\\\bob", "m\u00fcller"]',
  'groups = ["wheel", "domain users"]',
  'networks = ["10.0.0.0/8", "192.0.2.7", "2001:DB8::/32", "::1", "::ffff:198.51.100.0/120"]',
  'services = ["sshd"]',
  `keys = ["${KEY}"]`,
  'key_types = ["sk-ssh-ed25519@openssh.com"]',
  'trust_key_types = true',
  'except_users = ["eve"]',
  'except_groups = ["guests"]',
  'emergency = true',
)

describe('an [[exempt]] rule', () => {
  test('is read with every key it may have', () => {
    const [rule, ...others] = parse(EVERY_KEY).exemptions
    expect(others).toEqual([])
    expect({ ...rule, networks: rule?.networks?.map(formatIpNetwork) }).toEqual({
      name: 'office',
      users: ['alice', 'DOM\\bob', 'm\u00fcller'],
      groups: ['wheel', 'domain users'],
      networks: ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1', '198.51.100.0/24'],
      services: ['sshd'],
      keys: [KEY],
      keyTypes: ['sk-ssh-ed25519@openssh.com'],
      exceptUsers: ['eve'],
      exceptGroups: ['guests'],
      isEmergency: true,
    })
  })

  test('has no condition for a key that is not there, and is no emergency', () => {
    expect(parse(ruleOf('users = ["alice"]')).exemptions).toEqual([
      { name: 'office', users: ['alice'], exceptUsers: [], exceptGroups: [], isEmergency: false },
    ])
  })

  test('stands in the order of the file, which is that of the judgement', () => {
    const names = ['b', 'a', 'backup robot'].map(
      (name) => `[[exempt]]\nname = "${name}"\nservices = ["sshd"]\n`,
    )
    expect(parse(names.join('')).exemptions.map(({ name }) => name)).toEqual([
      'b',
      'a',
      'backup robot',
    ])
  })

  test.each([
    EVERY_KEY,
    ruleOf('networks = ["0.0.0.0/0", "::/0", "::fffe:0:0/95"]'),
    `${ruleOf('users = ["a"]')}[[exempt]]\nname = "2"\ngroups = ["b"]\n`,
  ])('is shown by config show so that it reads back as the same', (text) => {
    const config = parse(text)
    expect(parse(renderConfig(config))).toEqual(config)
    expect(config.exemptions).not.toEqual([])
  })

  test('is shown as JSON by the names of the file', () => {
    const { exempt } = toSettings(parse(ruleOf('networks = ["10.0.0.0/8"]', 'emergency = true')))
    expect(exempt).toEqual([{ name: 'office', networks: ['10.0.0.0/8'], emergency: true }])
    expect(toSettings(parse('')).exempt).toEqual([])
  })
})

describe('an [[exempt]] rule that is not right', () => {
  test.each([
    ['users = "alice"', 'is not an array'],
    ['users = []', 'is empty'],
    ['users = [" alice"]', 'has an element that is not allowed'],
    ['users = ["a:b"]', 'has an element that is not allowed'],
    ['users = ["a\\u001bb"]', 'has an element that is not allowed'],
    ['users = [1000]', 'has an element that is not allowed'],
    ['users = ["a", "a"]', 'is too long or says a thing twice'],
    ['groups = [""]', 'has an element that is not allowed'],
    ['networks = ["10.1.2.3/8"]', 'has an element that is not allowed'],
    ['networks = ["2001:db8::1/32"]', 'has an element that is not allowed'],
    ['networks = ["10.0.0.0/33"]', 'has an element that is not allowed'],
    ['networks = ["10.0.0"]', 'has an element that is not allowed'],
    ['networks = ["bastion.example.org"]', 'has an element that is not allowed'],
    ['networks = ["10.0.0.0/8", "::ffff:10.0.0.0/104"]', 'is too long or says a thing twice'],
    ['services = ["SSHD"]', 'has an element that is not allowed'],
    ['services = ["../sshd"]', 'has an element that is not allowed'],
    [`keys = ["${KEY}="]`, 'has an element that is not allowed'],
    [`keys = ["${KEY.slice(0, -1)}"]`, 'has an element that is not allowed'],
    [`keys = ["${KEY.replace('SHA256:', '')}"]`, 'has an element that is not allowed'],
    ['except_users = []', 'is empty'],
    ['except_groups = "wheel"', 'is not an array'],
    ['emergency = "yes"', 'is not true or false'],
  ])('%s is refused by its line', (entry, fault) => {
    const [name] = entry.split(' ')
    const text = `# a line\n${ruleOf('services = ["sshd"]').trim()}\n${entry}\n`
    const bare = entry.startsWith('services') ? text.replace('services = ["sshd"]\n', '\n') : text
    expect(problemsOf(bare)).toEqual([`5 exempt.${name} ${fault}`])
  })

  test.each([
    ['networks = ["10.1.2.3/8"]', 'bits behind the prefix are set'],
    ['networks = ["10.0.0.0/33"]', 'allowed: an array'],
    [`keys = ["MD5:${'0a:'.repeat(15)}ff"]`, 'by MD5'],
    [`keys = ["${'0a:'.repeat(15)}ff"]`, 'by MD5'],
    ['keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 alice"]', 'a whole key'],
    ['keys = ["SHA256:short"]', 'SHA256: and 43 characters of base64'],
    ['users = []', 'leave it out'],
  ])('%s comes with what to do', (entry, hint) => {
    const [problem] = findConfigProblems(ruleOf(entry))
    expect(problem?.hint).toContain(hint)
  })

  test.each([
    ['nothing at all', ruleOf()],
    ['nothing but exceptions', ruleOf('except_users = ["eve"]', 'except_groups = ["guests"]')],
    ['nothing but emergency', ruleOf('emergency = true')],
    ['nothing but trust', ruleOf('trust_key_types = true')],
  ])('would let everybody in with %s, and is refused', (_what, text) => {
    expect(problemsOf(text)).toEqual(['1 an exempt rule has no condition'])
  })

  test.each([
    '',
    'trust_key_types = false',
  ])('by key_types is refused with %j: people choose their own authorized_keys', (trust) => {
    const text = ruleOf('services = ["sshd"]', 'key_types = ["ssh-ed25519"]', trust)
    expect(problemsOf(text)).toEqual(['4 exempt.key_types stands without trust_key_types = true'])
  })

  test('that trusts types of keys and names none is refused', () => {
    const text = ruleOf('services = ["sshd"]', 'trust_key_types = true')
    expect(problemsOf(text)).toEqual(['4 exempt.trust_key_types stands without key_types'])
    expect(problemsOf(ruleOf('services = ["sshd"]', 'trust_key_types = false'))).toEqual([])
  })

  test.each([
    '',
    ' a',
    'a ',
    '-a',
    'a\\nb',
    'a=b',
    'a\\"b',
    '\u00fc',
    'x'.repeat(65),
    'waived',
    'invited',
    'remembered',
    'unenrolled-allowed',
  ])('by the name %j is refused', (name) => {
    const text = `[[exempt]]\nname = "${name}"\nusers = ["a"]\n`
    expect(problemsOf(text)).toEqual(['2 exempt.name is not allowed as it stands'])
  })

  test('without a name, or with that of another, is refused where it stands', () => {
    const nameless = '[[exempt]]\nusers = ["a"]\n'
    expect(problemsOf(nameless)).toEqual(['1 an exempt rule has no name'])
    const twice = `${ruleOf('users = ["a"]')}${ruleOf('users = ["b"]')}`
    expect(problemsOf(twice)).toEqual(['5 exempt.name is that of a rule above'])
  })

  test('with a key that does not exist says which one was meant', () => {
    const [problem] = findConfigProblems(ruleOf('users = ["a"]', 'network = ["::1"]'))
    expect(problem).toEqual({
      line: 4,
      message: 'there is no key exempt.network',
      hint: 'did you mean exempt.networks?',
    })
  })

  test.each([
    ['[exempt]\nname = "a"\nusers = ["a"]', '1 exempt is not a list of rules'],
    ['exempt = ["a"]', '1 exempt is not a list of rules'],
    ['[[exemt]]\nname = "a"', '1 there is no table exemt'],
    ['[policy]\nnetworks = ["::1"]', '2 there is no key policy.networks'],
  ])('%j is no rule', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
    expect(findConfigProblems(text)[0]?.hint).toMatch(/exempt/)
  })
})
