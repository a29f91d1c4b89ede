import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseIpNetwork } from '../../../src/base/ip-network.ts'
import type { Exemption } from '../../../src/domain/exemption.ts'
import { assertGlassExcused, parseBreakGlass } from '../../../src/setup/ssh/break-glass.ts'
import { readRecipe } from '../../../src/setup/ssh/recipe.ts'
import { errorCodeOf } from '../../support/error-code.ts'

const places = { programRoot: join(import.meta.dirname, '../../..') }
const VERIFIER = join(places.programRoot, 'bin/otpgate-verify')

describe('readRecipe', () => {
  test.each([
    'key+code',
    'password+code',
  ] as const)('gives the shipped lines of %s with this verifier and its configuration', (recipe) => {
    const choice = { recipe, group: undefined }
    const { pamText, dropInText, methods } = readRecipe(places, choice, ' --config /x.toml')
    const calls = pamText.split('\n').filter((line) => line.includes('otpgate-verify'))
    expect(calls.length).toBeGreaterThan(1)
    for (const call of calls) expect(call).toContain(`${VERIFIER} --config /x.toml`)
    expect(dropInText).toContain(`\nAuthenticationMethods ${methods}\n`)
  })

  test('says in both files who wrote them and where they are explained, and else settings alone', () => {
    const { pamText, dropInText } = readRecipe(places, { recipe: 'key+code', group: undefined }, '')
    for (const text of [pamText, dropInText]) {
      expect(text).toMatch(/^# Written by "otpgate setup ssh".*\n# What each line is for: \//)
      expect(text.match(/^#/gm)).toHaveLength(2)
    }
  })

  test('asks only a group, by its name in both files', () => {
    const choice = { recipe: 'key+code', group: 'staff' } as const
    const { pamName, pamText, dropInText } = readRecipe(places, choice, '')
    expect(pamName).toBe('otpgate-group-first')
    expect(pamText.match(/--outside-group \S+/g)).toEqual([
      '--outside-group staff',
      '--outside-group staff',
    ])
    expect(dropInText).toContain('Match Group staff\n')
  })
})

describe('a way in for when otpgate is broken', () => {
  const rule = (fields: Partial<Exemption>): Exemption => ({
    name: 'break glass',
    users: ['rescue'],
    networks: [parseIpNetwork('192.0.2.0/24')].filter((each) => each !== undefined),
    exceptUsers: [],
    exceptGroups: [],
    isEmergency: true,
    ...fields,
  })

  test.each([
    'rescue',
    'rescue@',
    '@10.0.0.1',
    'a b@10.0.0.1',
    'rescue@host.example.org',
    'rescue@10.1.2.3/8',
    '*@10.0.0.1',
  ])('is not described by %j', (text) => {
    expect(errorCodeOf(() => parseBreakGlass(text))).toBe('ERR_USAGE')
  })

  test('needs a rule for emergencies that covers its user and its network', () => {
    const glass = parseBreakGlass('rescue@192.0.2.0/28')
    const codeOf = (...rules: readonly Exemption[]) =>
      errorCodeOf(() => assertGlassExcused(glass, rules, 'sshd'))
    expect(codeOf(rule({}))).toBeUndefined()
    expect(codeOf()).toBe('ERR_REFUSED')
    expect(codeOf(rule({ isEmergency: false }))).toBe('ERR_REFUSED')
    expect(codeOf(rule({ users: ['alice'] }))).toBe('ERR_REFUSED')
    for (const text of ['192.0.2.1', '192.0.2.0/30', '198.51.100.0/24']) {
      const networks = [parseIpNetwork(text)].filter((each) => each !== undefined)
      expect(codeOf(rule({ networks }))).toBe('ERR_REFUSED')
    }
  })

  test.each<{ what: string; fields: Partial<Exemption> }>([
    { what: 'is for sudo', fields: { services: ['sudo'] } },
    { what: 'wants one key', fields: { keys: ['SHA256:abc'] } },
    { what: 'wants a type of key', fields: { keyTypes: ['ssh-ed25519'] } },
    { what: 'wants a group as well', fields: { groups: ['rescuers'] } },
    { what: 'excepts that user', fields: { exceptUsers: ['rescue'] } },
    { what: 'excepts a group', fields: { exceptGroups: ['guests'] } },
  ])('is not excused by a rule that $what', ({ fields }) => {
    const glass = parseBreakGlass('rescue@192.0.2.0/28')
    const check = () => assertGlassExcused(glass, [rule(fields)], 'sshd')
    expect(errorCodeOf(check)).toBe('ERR_REFUSED')
    const alright = rule({ services: ['sudo', 'sshd'] })
    expect(() => assertGlassExcused(glass, [alright], 'sshd')).not.toThrow()
  })
})
