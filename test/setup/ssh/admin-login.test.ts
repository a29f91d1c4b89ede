import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { addSeconds } from '../../../src/base/time.ts'
import type { Override } from '../../../src/domain/override.ts'
import { type Admin, assertAdminGetsIn } from '../../../src/setup/ssh/admin-login.ts'
import {
  ALICE_UID,
  buildAccount,
  buildDevice,
  buildKnown,
  NEVER_KNOWN,
  NOW,
  toUid,
} from '../../support/account-fixture.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'

const KEY = { takesPassword: false }
const PASSWORD = { takesPassword: true }

describe('assertAdminGetsIn', () => {
  const scratch = useScratchDirectory()

  /** Alice, who has a device, a shell and a key. */
  function admin(
    changes: Partial<Admin> & { settings?: ReadonlyMap<string, readonly string[]> } = {},
  ): Admin {
    mkdirSync(scratch('.ssh'), { recursive: true })
    writeFileSync(scratch('.ssh/authorized_keys'), '# mine\nssh-ed25519 AAAA\n')
    return {
      name: 'alice',
      entry: { uid: ALICE_UID, home: scratch(), hasShell: true },
      state: buildKnown(),
      settings: settings(),
      membership: undefined,
      ...changes,
    }
  }
  const settings = (changes: Readonly<Record<string, string>> = {}) =>
    new Map(
      Object.entries({
        permitrootlogin: 'prohibit-password',
        authorizedkeysfile: '.ssh/authorized_keys .ssh/authorized_keys2',
        authorizedkeyscommand: 'none',
        trustedusercakeys: 'none',
        ...changes,
      }).map(([name, value]) => [name, [value]]),
    )
  const withOverride = (override: Override) =>
    admin({ state: buildKnown({ account: buildAccount({ override }) }) })
  const refusal = (who: Admin, recipe = KEY) => {
    try {
      assertAdminGetsIn(who, recipe, NOW)
      return undefined
    } catch (error) {
      return error
    }
  }

  test('lets somebody through who has a shell, a device and a key', () => {
    expect(assertAdminGetsIn(admin(), KEY, NOW)).toEqual([])
  })

  test.each<[string, () => Admin, string, string]>([
    ['has no device', () => admin({ state: NEVER_KNOWN }), 'no device', 'otpgate enroll alice'],
    [
      'has a device that is not confirmed',
      () => admin({ state: buildKnown({ devices: [buildDevice({ confirmedAt: undefined })] }) }),
      'no confirmed device',
      'otpgate confirm alice',
    ],
    [
      'has another uid by now',
      () => admin({ state: buildKnown({ account: buildAccount({ uid: toUid(4) }) }) }),
      'uid 4',
      'otpgate rebind alice',
    ],
    [
      'is suspended',
      () => withOverride({ kind: 'suspended', reason: undefined }),
      'suspended',
      'otpgate resume alice',
    ],
    [
      'has no login shell',
      () => admin({ entry: { uid: ALICE_UID, home: scratch(), hasShell: false } }),
      'no login shell',
      '--as USER',
    ],
    [
      'is not in the group that is asked',
      () => admin({ membership: { group: 'staff', isMember: false } }),
      'not in staff',
      'adduser alice staff',
    ],
    [
      'has no key',
      () => admin({ settings: settings({ authorizedkeysfile: '/nowhere/%u' }) }),
      'no authorized key',
      'ssh-copy-id',
    ],
  ])('refuses somebody who %s, and says what helps', (_, who, what, hint) => {
    expect(refusal(who())).toMatchObject({
      code: 'ERR_REFUSED',
      message: expect.stringContaining(what),
      hint: expect.stringContaining(hint),
    })
  })

  test('refuses somebody who is asked for no code for now: their login would prove nothing', () => {
    const term = { since: NOW, until: addSeconds(NOW, 60) }
    expect(refusal(withOverride({ kind: 'waived', reason: undefined, ...term }))).toMatchObject({
      code: 'ERR_REFUSED',
      message: expect.stringContaining('no code'),
    })
  })

  test('knows no user of another name', () => {
    expect(refusal(admin({ entry: undefined }))).toMatchObject({ code: 'ERR_USER_UNKNOWN' })
  })

  test.each([
    'prohibit-password',
    'without-password',
    'no',
    'forced-commands-only',
  ])('refuses root under PermitRootLogin %s, also with a device', (value) => {
    const entry = { uid: 0, home: scratch(), hasShell: true }
    const state = buildKnown({ account: buildAccount({ uid: toUid(0) }) })
    const root = { name: 'root', entry, state }
    expect(
      refusal(admin({ ...root, settings: settings({ permitrootlogin: value }) })),
    ).toMatchObject({ code: 'ERR_REFUSED', hint: expect.stringContaining('--as USER') })
    expect(refusal(admin({ ...root, settings: settings({ permitrootlogin: 'yes' }) }))).toBe(
      undefined,
    )
  })

  test.each([
    'authorizedkeyscommand',
    'trustedusercakeys',
  ])('cannot tell where keys come from %s, and says so', (keyword) => {
    const elsewhere = settings({ authorizedkeysfile: 'none', [keyword]: '/usr/bin/keys' })
    expect(assertAdminGetsIn(admin({ settings: elsewhere }), KEY, NOW)).toEqual([
      expect.stringContaining('cannot be told'),
    ])
  })

  test('wants no key where a password will do', () => {
    const none = settings({ authorizedkeysfile: 'none' })
    expect(assertAdminGetsIn(admin({ settings: none }), PASSWORD, NOW)).toHaveLength(1)
  })

  test('does not take a file of comments for a key', () => {
    const who = admin()
    writeFileSync(scratch('.ssh/authorized_keys'), '# none\n\n   \n')
    expect(refusal(who)).toMatchObject({ message: expect.stringContaining('no authorized key') })
  })
})
