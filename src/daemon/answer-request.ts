import { conductLogin } from '../app/conduct-login.ts'
import type { LoginRequest } from '../app/gather-facts.ts'
import { isOutsideGroup } from '../app/is-outside-group.ts'
import type { LoginCase } from '../app/judge-login.ts'
import { lookUpLogin } from '../app/look-up-login.ts'
import type { LogRecord, Now, PasswordCheck } from '../app/ports.ts'
import { type Listeners, tellBreakage } from '../app/tell-login.ts'
import { assertPhase } from '../app/verifier-mode.ts'
import { AppError, type ErrorCode } from '../base/errors.ts'
import { DEFAULT_MESSAGES } from '../domain/message.ts'
import type { Deadline } from '../host/deadline.ts'
import type { LookAhead } from '../host/passwd-ahead.ts'
import { type Config, type KeylessStorage, verifyPolicy } from '../wire.ts'
import { limitStore } from './limit-store.ts'
import type { DaemonAnswer, DaemonRequest } from './protocol.ts'
import type { SharedPorts } from './shared-ports.ts'

/** What stays, from one login to the next. */
export interface LoginTerms {
  readonly ports: SharedPorts
  /** Without the key, where `ports` fail. */
  readonly openAccounts: (config: Config) => KeylessStorage
  readonly lookAhead: LookAhead
  readonly now: Now
}

/** The configuration, or why there is none. */
export type ConfigInForce = { readonly config: Config } | { readonly error: unknown }

/**
 * The daemon has the key that it was started with; while the key is changed, and after it, the files of
 * root have another. Likewise its schema: during an upgrade the client's own tree may have the one of the
 * database. No rule for emergencies has a say in that.
 */
const OF_ITS_START: readonly ErrorCode[] = ['ERR_KEY_WRONG', 'ERR_STORE_SCHEMA']

/**
 * What the direct verifier may still come to, as it waits for longer, and is root: nothing is decided, or
 * it is kept for whoever asks by the same attempt.
 */
const UNDECIDED: readonly ErrorCode[] = [
  ...OF_ITS_START,
  'ERR_STORE_LOCKED',
  'ERR_STORE_PERMISSION',
  'ERR_PASSWD_FAILED',
  'ERR_DEADLINE',
]

/** The client takes that mode to the direct verifier. */
const NO_PASSWORDS: PasswordCheck = { isRight: () => false }

/** The verdict on one request, once all that makes it so is on disk. Throws where there is none. */
export async function answerRequest(
  terms: LoginTerms,
  inForce: ConfigInForce,
  asked: DaemonRequest,
  deadline: Deadline,
): Promise<DaemonAnswer> {
  const log: LogRecord[] = []
  const say: string[] = []
  const listeners: Listeners = {
    logAuth: (record) => void log.push(record),
    say: (line) => void say.push(line),
    now: terms.now,
  }
  const isYes = await judge(terms, inForce, asked, deadline, listeners)
  return { verdict: isYes ? 'admitted' : 'denied', log, say }
}

async function judge(
  terms: LoginTerms,
  inForce: ConfigInForce,
  asked: DaemonRequest,
  deadline: Deadline,
  listeners: Listeners,
): Promise<boolean> {
  const { mode, user, group } = asked
  const request = toRequest(asked)
  try {
    assertPhase(mode, asked.type)
    if (mode === 'outside-group') return await isOutside(terms, user, group)
    if ('error' in inForce) throw inForce.error
    const { config } = inForce
    const login = { mode, policy: verifyPolicy(config), request, typed: asked.answer }
    return await conduct({ ...terms, ...listeners }, config, login, deadline)
  } catch (error) {
    if (error instanceof AppError && UNDECIDED.includes(error.code)) throw error
    const messages = 'config' in inForce ? inForce.config.messages : DEFAULT_MESSAGES
    tellBreakage(error, request, { isExcuse: mode === 'excused', messages }, listeners)
    return false
  }
}

async function conduct(
  world: LoginTerms & Listeners,
  config: Config,
  login: LoginCase,
  deadline: Deadline,
): Promise<boolean> {
  const passwd = await world.lookAhead((ahead) => lookUpLogin(ahead, login.policy, login))
  const openPorts = () => {
    const ports = world.ports.borrow(config)
    return { ...ports, passwd, store: limitStore(ports.store, deadline) }
  }
  const openAccounts = () => world.openAccounts(config)
  const own = {
    ...{ openPorts, openAccounts, openPasswd: () => passwd, passwords: NO_PASSWORDS },
    leftToOthers: OF_ITS_START,
  }
  return await conductLogin({ ...world, ...own }, login, config.messages)
}

async function isOutside(
  { lookAhead }: LoginTerms,
  user: string,
  group: string | undefined,
): Promise<boolean> {
  if (group === undefined) return false
  const passwd = await lookAhead((ahead) => isOutsideGroup(ahead, user, group))
  return isOutsideGroup(passwd, user, group)
}

function toRequest(asked: DaemonRequest): LoginRequest {
  const { user, service, tty, remoteHost, sshConnection, firstFactor, attempt } = asked
  return { user, service, tty, remoteHost, sshConnection, firstFactor, attempt }
}
