import { describe, expect, test } from 'vitest'
import { addSeconds } from '../../src/base/time.ts'
import type { KnownAccount } from '../../src/domain/account.ts'
import type { Override } from '../../src/domain/override.ts'
import { findChangeRefusal, judgeSelfEnrolling } from '../../src/domain/self-service.ts'
import {
  ALICE_UID,
  buildAccount,
  buildDevice,
  buildKnown,
  buildRecoveryCode,
  NEVER_KNOWN,
  NOW,
  toUid,
} from '../support/account-fixture.ts'

const OPEN = { outcome: 'open', needsCode: false }
const refused = (reason: string) => ({ outcome: 'refused', reason })
const HOUR = addSeconds(NOW, 3600)
const REASON = { reason: undefined }
const INVITED: Override = { kind: 'invited', since: NOW, until: HOUR, needsCode: false, ...REASON }
const SUSPENDED: Override = { kind: 'suspended', ...REASON }
const MUST_ENROLL: Override = { kind: 'must-enroll', ...REASON }

/** Somebody without a device who never had one. */
function newcomer(override?: Override, fields: Partial<KnownAccount> = {}): KnownAccount {
  const account = buildAccount({ override, enrolledAt: undefined })
  return buildKnown({ account, devices: [], ...fields })
}

describe('enrolling oneself', () => {
  const judge = (state: Parameters<typeof judgeSelfEnrolling>[0], selfEnroll: boolean, now = NOW) =>
    judgeSelfEnrolling(state, { uid: ALICE_UID, now, selfEnroll })

  test.each([
    ['somebody never known', NEVER_KNOWN, refused('not-invited'), OPEN],
    ['a newcomer', newcomer(), refused('not-invited'), OPEN],
    ['an invited newcomer', newcomer(INVITED), OPEN, OPEN],
    [
      'an invited newcomer with a code',
      newcomer({ ...INVITED, needsCode: true }),
      { outcome: 'open', needsCode: true },
      { outcome: 'open', needsCode: true },
    ],
    [
      'a newcomer with a device left unconfirmed',
      newcomer(INVITED, { devices: [buildDevice({ confirmedAt: undefined })] }),
      OPEN,
      OPEN,
    ],
    [
      'a newcomer without a code for a while',
      newcomer({ kind: 'waived', since: NOW, until: HOUR, ...REASON }),
      refused('not-invited'),
      OPEN,
    ],
    ['a suspended newcomer', newcomer(SUSPENDED), refused('suspended'), refused('suspended')],
    [
      'somebody who was reset',
      newcomer(MUST_ENROLL),
      refused('must-enroll'),
      refused('must-enroll'),
    ],
    [
      'somebody who had a device once',
      buildKnown({ devices: [] }),
      refused('not-invited'),
      refused('not-invited'),
    ],
    [
      'somebody with recovery codes left',
      newcomer(undefined, { oneTimeCodes: [buildRecoveryCode()] }),
      refused('not-invited'),
      refused('not-invited'),
    ],
    ['somebody enrolled', buildKnown(), refused('enrolled'), refused('enrolled')],
    [
      'somebody enrolled and invited',
      buildKnown({ account: buildAccount({ override: INVITED }) }),
      refused('enrolled'),
      refused('enrolled'),
    ],
    [
      'somebody whose device counts from its first code on',
      newcomer(INVITED, {
        devices: [buildDevice({ confirmedAt: undefined, countsUnconfirmed: true })],
      }),
      refused('enrolled'),
      refused('enrolled'),
    ],
  ])('by %s is judged as it should be without and with self_enroll', (_, state, without, with_) => {
    expect(judge(state, false)).toEqual(without)
    expect(judge(state, true)).toEqual(with_)
  })

  test('ends with the invitation, and its code with it', () => {
    const state = newcomer({ ...INVITED, needsCode: true })
    expect(judge(state, false, HOUR)).toEqual(refused('not-invited'))
    expect(judge(state, false, addSeconds(HOUR, -1))).toMatchObject({ outcome: 'open' })
  })

  test('is not for whoever has the name now and another uid', () => {
    const input = { uid: toUid(4711), now: NOW, selfEnroll: true }
    expect(judgeSelfEnrolling(newcomer(INVITED), input)).toEqual(refused('uid-changed'))
  })
})

describe('changing what is enrolled', () => {
  test.each([
    ['somebody enrolled', buildKnown(), undefined],
    ['somebody never known', NEVER_KNOWN, 'not-enrolled'],
    ['somebody without a device', buildKnown({ devices: [] }), 'not-enrolled'],
    [
      'somebody suspended',
      buildKnown({ account: buildAccount({ override: SUSPENDED }) }),
      'suspended',
    ],
    [
      'somebody who was reset',
      buildKnown({ account: buildAccount({ override: MUST_ENROLL }) }),
      'must-enroll',
    ],
  ])('is for %s: %o', (_, state, expected) => {
    expect(findChangeRefusal(state, ALICE_UID)).toBe(expected)
  })

  test('is not for another uid', () => {
    expect(findChangeRefusal(buildKnown(), toUid(4711))).toBe('uid-changed')
  })
})
