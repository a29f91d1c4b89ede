import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { assertSshdWouldObey } from '../../../src/setup/ssh/sshd-promise.ts'
import { createKeyPair } from '../../support/client-key.ts'
import { canRunWith, HOST_PROGRAMS } from '../../support/host-requirement.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { readExample } from '../../support/shipped-example.ts'
import { placesIn } from './setup-sample.ts'

/** Longer than another test's rehearsal is there. */
const PATIENCE_MS = 20_000
const METHODS = 'publickey,keyboard-interactive:pam'
const RECIPE = {
  pamName: '',
  pamText: '',
  dropInText: '',
  methods: METHODS,
  takesPassword: false,
  sparesOutsiders: false,
}
const DROP_IN = `UsePAM yes\nKbdInteractiveAuthentication yes\nAuthenticationMethods ${METHODS}\n`

describe.skipIf(!canRunWith('tests of sshd', HOST_PROGRAMS))('assertSshdWouldObey', () => {
  const scratch = useScratchDirectory()

  /** Throws as it does, on an sshd_config of these lines and these drop-ins. */
  function judge(
    config: string,
    dropIns: Readonly<Record<string, string>> = {},
    { recipe = RECIPE, dropIn = DROP_IN } = {},
  ): void {
    mkdirSync(scratch('ssh/sshd_config.d'), { recursive: true })
    const key = createKeyPair(scratch('host_key')).file
    writeFileSync(
      scratch('ssh/sshd_config'),
      `${config.replaceAll('HERE', scratch('ssh'))}HostKey ${key}\n`,
    )
    for (const [name, text] of Object.entries(dropIns)) {
      writeFileSync(scratch('ssh/sshd_config.d', name), text)
    }
    const added = new Map([['00-otpgate.conf', dropIn]])
    assertSshdWouldObey(placesIn(scratch), 'root', recipe, added)
  }

  test("finds nothing wrong with Debian's own order, and leaves nothing behind", async () => {
    const leftovers = () => readdirSync('/run').filter((name) => name.startsWith('otpgate-setup-'))
    const before = leftovers()
    judge('Include HERE/sshd_config.d/*.conf\nKbdInteractiveAuthentication no\nUsePAM yes\n')
    const added = leftovers().filter((name) => !before.includes(name))
    // What is of another test's set-up goes with that.
    await expect
      .poll(() => leftovers().filter((name) => added.includes(name)), { timeout: PATIENCE_MS })
      .toEqual([])
    expect(readdirSync(scratch('ssh/sshd_config.d'))).toEqual([])
  })

  test.each([
    ['there is none', 'UsePAM yes\n'],
    ['it is for another directory', 'Include /etc/ssh/other.d/*.conf\n'],
    ['it is for other names', 'Include HERE/sshd_config.d/*.cfg\n'],
    [
      'it stands in a Match block',
      'Match User bob\nInclude HERE/sshd_config.d/*.conf\nMatch all\n',
    ],
    ['it is a comment', '#Include HERE/sshd_config.d/*.conf\n'],
  ])('refuses where no Include brings the drop-in in: %s', (_, config) => {
    expect(() => judge(config)).toThrow(
      expect.objectContaining({ code: 'ERR_REFUSED', hint: expect.stringContaining('first line') }),
    )
  })

  test.each<[string, string, Readonly<Record<string, string>>, string]>([
    [
      'a line before the Include',
      'AuthenticationMethods publickey\nInclude HERE/sshd_config.d/*.conf\n',
      {},
      'AuthenticationMethods',
    ],
    [
      'a drop-in that sorts before',
      'Include HERE/sshd_config.d/*.conf\n',
      { '00-a.conf': 'AuthenticationMethods any\n' },
      'AuthenticationMethods',
    ],
    [
      'a Match block about this user',
      'Include HERE/sshd_config.d/*.conf\nMatch User root\nAuthenticationMethods publickey\nMatch all\n',
      {},
      'AuthenticationMethods',
    ],
  ])('refuses where %s says otherwise', (_, config, dropIns, name) => {
    expect(() => judge(config, dropIns)).toThrow(
      expect.objectContaining({
        code: 'ERR_REFUSED',
        message: expect.stringContaining(name),
        hint: expect.stringContaining('grep'),
      }),
    )
  })

  test('refuses where sshd would not start: what is demanded is switched off above', () => {
    expect(() =>
      judge('KbdInteractiveAuthentication no\nInclude HERE/sshd_config.d/*.conf\n'),
    ).toThrow(
      expect.objectContaining({
        code: 'ERR_REFUSED',
        message: expect.stringContaining('would not start'),
        hint: expect.stringContaining('grep'),
      }),
    )
  })

  test.each([
    ['what the shipped recipe says', undefined, ''],
    ['answers to questions for everybody', 'KbdInteractiveAuthentication yes\n', 'kbdinteractive'],
  ])('holds a recipe for a group to everybody else: %s', (_, everybody = '', name) => {
    const config = `Include HERE/sshd_config.d/*.conf
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication no
`
    const dropIn = `${everybody}${readExample('sshd_config.d/00-otpgate-group-first.conf')}`
    const options = {
      recipe: { ...RECIPE, sparesOutsiders: true },
      dropIn: dropIn.replace('Group otpgate', 'Group root'),
    }
    if (name === '') judge(config, {}, options)
    else
      expect(() => judge(config, {}, options)).toThrow(
        expect.objectContaining({
          code: 'ERR_REFUSED',
          message: expect.stringMatching(new RegExp(`outside the group sshd would say ${name}`)),
        }),
      )
  })

  test('refuses a recipe for a group where PAM would be switched on for everybody', () => {
    const config = 'Include HERE/sshd_config.d/*.conf\nUsePAM no\n'
    const dropIn = readExample('sshd_config.d/00-otpgate-group-first.conf')
    const options = {
      recipe: { ...RECIPE, sparesOutsiders: true },
      dropIn: dropIn.replace('Group otpgate', 'Group root'),
    }
    expect(() => judge(config, {}, options)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('usepam "yes"') }),
    )
  })

  test('names the real file where sshd takes no such configuration', () => {
    const odd = { '50-odd.conf': 'NoSuchKeyword yes\n' }
    expect(() => judge('Include HERE/sshd_config.d/*.conf\n', odd)).toThrow(
      expect.objectContaining({
        code: 'ERR_REFUSED',
        message: expect.stringContaining(scratch('ssh/sshd_config.d/50-odd.conf')),
      }),
    )
  })
})
