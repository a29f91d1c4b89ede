import { addSeconds, DAY_SECONDS, HOUR_SECONDS, type UnixSeconds } from '../../../src/base/time.ts'
import type { Account, AccountState } from '../../../src/domain/account.ts'
import type { Answer } from '../../../src/domain/answer.ts'
import type { Exemption } from '../../../src/domain/exemption.ts'
import type { KnownSource } from '../../../src/domain/known-source.ts'
import type { LoginFacts } from '../../../src/domain/login.ts'
import type { OneTimeCode } from '../../../src/domain/one-time-code.ts'
import { stepAt } from '../../../src/domain/otp.ts'
import type { Override } from '../../../src/domain/override.ts'
import type { LoginInput } from '../../../src/domain/standing.ts'
import { FRESH_THROTTLE, type ThrottleState } from '../../../src/domain/throttle.ts'
import { hashConnection, issueTicket, type Ticket } from '../../../src/domain/ticket.ts'
import {
  buildAccount,
  buildDevice,
  buildKnown,
  buildRecoveryCode,
  codeOf,
  NOW,
  toUid,
} from '../../support/account-fixture.ts'
import { buildFacts, buildPolicy, SSH_CONNECTION } from '../../support/login-fixture.ts'
import type { LoginCase } from './login-case.ts'

/** The date of every override and code that has one. */
const DATE = addSeconds(NOW, HOUR_SECONDS)
/** In its very second a date has passed. */
function nowOf({ clock }: LoginCase): UnixSeconds {
  return clock === 'date passed' ? DATE : NOW
}

/** Where the clock was set back, whatever happened lies an hour ahead. */
function stampOf(login: LoginCase, ago: number): UnixSeconds {
  return addSeconds(nowOf(login), (login.clock === 'behind' ? HOUR_SECONDS : 0) - ago)
}

const OFFICE: Exemption = {
  name: 'office',
  users: ['alice'],
  exceptUsers: [],
  exceptGroups: [],
  isEmergency: false,
}

/** What the login is judged by. */
export function inputOf(login: LoginCase): LoginInput {
  return { facts: factsOf(login), policy: policyOf(login), now: nowOf(login) }
}

function policyOf({ excuse }: LoginCase) {
  return buildPolicy({
    codeAlone: ['sshd-code'],
    exemptions: excuse === 'exempt' ? [OFFICE] : [],
    rememberSeconds: excuse === 'remembered' ? HOUR_SECONDS : 0,
    unenrolled: excuse === 'unenrolled allow' ? 'allow' : 'deny',
  })
}

function factsOf({ factor }: LoginCase): LoginFacts {
  switch (factor) {
    case 'proven':
      return buildFacts()
    case 'missing':
      return buildFacts({ firstFactor: undefined })
    case 'not SSH':
      return buildFacts({
        ...{ service: 'sudo', isSsh: false },
        ...{ address: undefined, connection: undefined, firstFactor: undefined },
      })
    case 'code alone':
      return buildFacts({ service: 'sshd-code', firstFactor: undefined })
  }
}

/** All that is stored about the person. */
export function stateOf(login: LoginCase): AccountState {
  const tickets = ticketsOf(login)
  if (login.person === 'never known') return { kind: 'never-known', tickets }
  const isEnrolled = login.person !== 'unenrolled'
  const oneTimeCodes = codesOf(login).filter(({ kind }) => isEnrolled || kind !== 'recovery')
  const account = accountOf(login)
  const devices = isEnrolled ? [phoneOf(login)] : []
  return buildKnown({ account, devices, oneTimeCodes, sources: sourcesOf(login), tickets })
}

function accountOf(login: LoginCase): Account {
  const { person, throttle, source } = login
  return buildAccount({
    override: overrideOf(login),
    ...(person === 'of another uid' ? { uid: toUid(4242) } : {}),
    lastLoginAt: stampOf(login, 60),
    ...(person === 'unenrolled' ? { enrolledAt: undefined, lastLoginAt: undefined } : {}),
    throttle: {
      code: throttleOf(login, throttle.startsWith('codes') ? throttle : 'free'),
      oneTimeCode: throttleOf(login, throttle.startsWith('one-time') ? throttle : 'free'),
      knownSource: throttleOf(login, source === 'known and spent' ? 'waiting' : 'free'),
      local: throttleOf(login, throttle.startsWith('local') ? throttle : 'free'),
    },
  })
}

function throttleOf(login: LoginCase, what: string): ThrottleState {
  const from = stampOf(login, 0)
  if (what.endsWith('locked')) return { ...FRESH_THROTTLE, consecutiveFailures: 100 }
  if (!what.endsWith('waiting')) return { ...FRESH_THROTTLE, consecutiveFailures: 1 }
  return {
    consecutiveFailures: 5,
    recentFailures: [from],
    wait: { from, until: addSeconds(from, 30) },
  }
}

function overrideOf(login: LoginCase): Override | undefined {
  const { override } = login
  const reason = undefined
  const term = { since: stampOf(login, 60), until: DATE }
  switch (override) {
    case 'none':
      return undefined
    case 'must-enroll':
    case 'suspended':
      return { kind: override, reason }
    case 'waived':
      return { kind: override, reason, ...term }
    case 'invited':
      return { kind: override, reason, ...term, needsCode: true }
  }
}

function phoneOf(login: LoginCase) {
  const step = stepAt(stampOf(login, 0), 30)
  const isUsed = login.answer === 'replayed code' || login.clock === 'behind'
  return buildDevice({ lastAcceptedStep: isUsed ? step : step - 1 })
}

function codesOf(login: LoginCase): readonly OneTimeCode[] {
  const createdAt = stampOf(login, 60)
  const dated = { createdAt, expiresAt: DATE }
  return [
    buildRecoveryCode({ id: 'recovery', selector: 'RECO', createdAt }),
    buildRecoveryCode({ id: 'bypass', kind: 'bypass', selector: 'BYPA', ...dated }),
    buildRecoveryCode({ id: 'invitation', kind: 'invitation', selector: 'INVT', ...dated }),
  ]
}

function sourcesOf(login: LoginCase): readonly KnownSource[] {
  const key = { network: '192.0.2.7', firstFactor: 'publickey SHA256:key' }
  const isOld = login.source === 'known long ago'
  const at = isOld ? addSeconds(nowOf(login), -30 * DAY_SECONDS) : stampOf(login, 60)
  return login.source === 'strange' ? [] : [{ ...key, lastSuccessAt: at, rememberedAt: at }]
}

function ticketsOf(login: LoginCase): readonly Ticket[] {
  const { ticket } = login
  if (ticket === 'none') return []
  const other = ticket === 'of another connection' ? '192.0.2.7 50001 192.0.2.1 22' : SSH_CONNECTION
  const provesFirstFactor = ticket === 'good, proving both'
  const at = stampOf(login, ticket === 'expired' ? 150 : 10)
  return [issueTicket(hashConnection(other), { method: 'totp', provesFirstFactor }, at)]
}

const SELECTORS = {
  'recovery code': 'RECO',
  'bypass code': 'BYPA',
  'invitation code': 'INVT',
  'unknown code': 'XXXX',
} as const

/** What is typed. */
export function answerOf(login: LoginCase): Answer {
  const { answer } = login
  switch (answer) {
    case 'right code':
    case 'replayed code':
      return { kind: 'code', code: codeOf(phoneOf(login), nowOf(login)) }
    case 'wrong code':
      // Well formed, and never right: the phone shows six digits.
      return { kind: 'code', code: '00000000' }
    case 'empty':
    case 'not-a-code':
      return { kind: 'unusable', reason: answer }
    default: {
      const parts = { selector: SELECTORS[answer], secret: 'AAAAAAAAAAAA' }
      return { kind: 'one-time-code', parts }
    }
  }
}
