import type { Account, AccountState, KnownAccount } from '../../../src/domain/account.ts'
import type { Change } from '../../../src/domain/change.ts'
import type { ThrottleState } from '../../../src/domain/throttle.ts'
import { hashConnection } from '../../../src/domain/ticket.ts'
import {
  ALICE,
  at,
  audit,
  CREATE,
  FRESH_THROTTLES,
  freshAccount,
  parseUid,
  sampleAttempt,
  sampleButton,
  sampleCode,
  sampleDevice,
  sampleEvent,
  sampleSource,
  sampleTicket,
} from '../sample.ts'

/** A change, what has to be there before it, and what it makes of a fresh account. */
export interface ChangeSample {
  readonly given?: readonly Change[]
  readonly change: Change
  readonly account?: Partial<Account>
  readonly rest?: Partial<Omit<KnownAccount, 'kind' | 'account'>>
  /** Nothing is left of the account. */
  readonly isGone?: true
}

const DEVICE = sampleDevice({ countsUnconfirmed: true })
const CODE = sampleCode({ usesLeft: 2, expiresAt: at(1000) })
const BYPASS = sampleCode({
  id: 'c2'.repeat(16),
  kind: 'bypass',
  selector: 'EFGH',
  reason: 'phone at home',
})
const TICKET = sampleTicket('198.51.100.7 50000 192.0.2.1 22')
const HAS_DEVICE: readonly Change[] = [CREATE, { kind: 'add-device', device: DEVICE }]
const HAS_CODE: readonly Change[] = [CREATE, { kind: 'add-one-time-code', code: CODE }]
const BUTTON = sampleButton({ lastAcceptedStep: 7 })
const HAS_BUTTON: readonly Change[] = [CREATE, { kind: 'add-device', device: BUTTON }]
const OFFICE = sampleSource()
const HOME = sampleSource({ network: '2001:db8::/64', lastSuccessAt: at(3), rememberedAt: at(3) })
const HAS_SOURCES: readonly Change[] = [
  CREATE,
  { kind: 'put-source', source: HOME },
  { kind: 'put-source', source: OFFICE },
]
const HAS_TICKET: readonly Change[] = [CREATE, { kind: 'put-ticket', ticket: TICKET, at: at(0) }]
export const SPENT: ThrottleState = {
  consecutiveFailures: 7,
  recentFailures: [at(1), at(1), at(5)],
  wait: { from: at(5), until: at(65) },
}

/** Complete by its type: a new kind of change does not compile before it has a sample. */
export const CHANGE_SAMPLES: Readonly<Record<Change['kind'], ChangeSample>> = {
  'create-account': {
    given: [],
    change: { kind: 'create-account', uid: parseUid(4_294_967_294), at: at(9) },
    account: { uid: parseUid(4_294_967_294), createdAt: at(9) },
  },
  'remove-account': {
    given: [
      ...HAS_DEVICE,
      { kind: 'add-one-time-code', code: CODE },
      { kind: 'put-source', source: OFFICE },
      { kind: 'put-ticket', ticket: TICKET, at: at(0) },
    ],
    change: { kind: 'remove-account' },
    isGone: true,
  },
  'set-uid': {
    change: { kind: 'set-uid', uid: parseUid(0) },
    account: { uid: parseUid(0) },
  },
  'set-override': {
    change: { kind: 'set-override', override: { kind: 'must-enroll', reason: 'lost phone' } },
    account: { override: { kind: 'must-enroll', reason: 'lost phone' } },
  },
  'set-throttle': {
    change: { kind: 'set-throttle', budget: 'code', throttle: SPENT },
    account: { throttle: { ...FRESH_THROTTLES, code: SPENT } },
  },
  'record-login': {
    change: { kind: 'record-login', at: at(3) },
    account: { lastLoginAt: at(3) },
  },
  'add-device': {
    change: { kind: 'add-device', device: sampleDevice() },
    rest: { devices: [sampleDevice()] },
  },
  'confirm-device': {
    given: HAS_DEVICE,
    change: { kind: 'confirm-device', deviceId: DEVICE.id, at: at(4) },
    account: { enrolledAt: at(1) },
    rest: { devices: [{ ...DEVICE, confirmedAt: at(4), countsUnconfirmed: false }] },
  },
  'accept-step': {
    given: HAS_DEVICE,
    change: { kind: 'accept-step', deviceId: DEVICE.id, step: 0, at: at(4) },
    account: { enrolledAt: at(1) },
    rest: { devices: [{ ...DEVICE, lastAcceptedStep: 0, lastUsedAt: at(4) }] },
  },
  'remove-device': {
    given: HAS_DEVICE,
    change: { kind: 'remove-device', deviceId: DEVICE.id },
    account: { enrolledAt: at(1) },
  },
  'set-drift': {
    given: HAS_DEVICE,
    change: { kind: 'set-drift', deviceId: DEVICE.id, driftSeconds: -17 },
    account: { enrolledAt: at(1) },
    rest: { devices: [{ ...DEVICE, driftSeconds: -17 }] },
  },
  'move-mark': {
    given: HAS_BUTTON,
    change: { kind: 'move-mark', deviceId: BUTTON.id, step: 3 },
    rest: { devices: [{ ...BUTTON, lastAcceptedStep: 3 }] },
  },
  'rename-device': {
    given: HAS_BUTTON,
    change: { kind: 'rename-device', deviceId: BUTTON.id, label: "Al's" },
    rest: { devices: [{ ...BUTTON, label: "Al's" }] },
  },
  'reseal-device': {
    given: HAS_BUTTON,
    change: {
      kind: 'reseal-device',
      deviceId: BUTTON.id,
      sealedSecret: Buffer.from([9, 0, 254]),
      keyId: '44556677',
    },
    rest: { devices: [{ ...BUTTON, sealedSecret: Buffer.from([9, 0, 254]), keyId: '44556677' }] },
  },
  'add-one-time-code': {
    change: { kind: 'add-one-time-code', code: CODE },
    rest: { oneTimeCodes: [CODE] },
  },
  'consume-one-time-code': {
    given: HAS_CODE,
    change: { kind: 'consume-one-time-code', codeId: CODE.id, at: at(999) },
    rest: { oneTimeCodes: [{ ...CODE, usesLeft: 1, lastUsedAt: at(999) }] },
  },
  'remove-one-time-code': {
    given: [...HAS_CODE, { kind: 'add-one-time-code', code: BYPASS }],
    change: { kind: 'remove-one-time-code', codeId: BYPASS.id },
    rest: { oneTimeCodes: [CODE] },
  },
  'remove-one-time-codes': {
    given: [...HAS_CODE, { kind: 'add-one-time-code', code: BYPASS }],
    change: { kind: 'remove-one-time-codes', of: 'recovery' },
    rest: { oneTimeCodes: [BYPASS] },
  },
  'put-source': {
    given: HAS_SOURCES,
    change: { kind: 'put-source', source: { ...HOME, lastSuccessAt: at(9), rememberedAt: at(9) } },
    rest: { sources: [{ ...HOME, lastSuccessAt: at(9), rememberedAt: at(9) }, OFFICE] },
  },
  'remove-source': {
    given: HAS_SOURCES,
    change: {
      kind: 'remove-source',
      source: { network: HOME.network, firstFactor: HOME.firstFactor },
    },
    rest: { sources: [OFFICE] },
  },
  'remove-sources': { given: HAS_SOURCES, change: { kind: 'remove-sources' } },
  'unremember-sources': {
    given: HAS_SOURCES,
    change: { kind: 'unremember-sources' },
    rest: {
      sources: [
        { ...OFFICE, rememberedAt: undefined },
        { ...HOME, rememberedAt: undefined },
      ],
    },
  },
  'put-ticket': {
    change: { kind: 'put-ticket', ticket: TICKET, at: at(0) },
    rest: { tickets: [TICKET] },
  },
  'consume-ticket': {
    given: HAS_TICKET,
    change: {
      kind: 'consume-ticket',
      connection: hashConnection('198.51.100.7 50000 192.0.2.1 22'),
    },
  },
  'keep-answer': {
    change: {
      kind: 'keep-answer',
      attempt: sampleAttempt('a'),
      answer: { outcome: 'accepted', method: 'totp', device: 'phone' },
      at: at(0),
      expiresAt: at(60),
    },
  },
  'keep-charge': {
    change: { kind: 'keep-charge', attempt: sampleAttempt('a'), at: at(0), expiresAt: at(60) },
  },
  'append-audit': { change: audit() },
  'count-denial': {
    change: { kind: 'count-denial', event: { ...sampleEvent(), reason: 'throttled' } },
  },
}

/** What is stored about alice after the sample's change. */
export function stateAfter({ account, rest, isGone }: ChangeSample): AccountState {
  if (isGone) return { kind: 'never-known', tickets: [] }
  return { ...freshAccount(ALICE, account), ...rest }
}
