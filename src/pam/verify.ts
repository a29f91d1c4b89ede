import { checkAccount } from '../app/check-account.ts'
import { excuseInEmergency, isStorageFailure } from '../app/excuse-in-emergency.ts'
import { excuseLogin } from '../app/excuse-login.ts'
import type { LoginRequest } from '../app/gather-facts.ts'
import {
  formatErrorLine,
  formatLogLine,
  type LoginReport,
  logPriority,
} from '../app/login-report.ts'
import type { LogAuth, Now, Passwd, PasswordCheck } from '../app/ports.ts'
import { verifyLogin } from '../app/verify-login.ts'
import { verifyPasswordLogin } from '../app/verify-password-login.ts'
import { assertNever } from '../base/assert.ts'
import { AppError } from '../base/errors.ts'
import { parseAnswer } from '../domain/answer.ts'
import { isAdmitted } from '../domain/decision.ts'
import { DEFAULT_MESSAGES, type Messages, messageFor } from '../domain/message.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import type { PamEnvironment } from '../host/pam-env.ts'
import { type Config, type Ports, verifyPolicy } from '../wire.ts'
import { parseArguments, type VerifierMode } from './arguments.ts'
import { answerQuestion, isQuestion, type Question } from './question.ts'

/** Modes that judge a login. */
type LoginMode = Exclude<VerifierMode, Question>

const NOTHING_TYPED = Buffer.alloc(0)

/** What the verifier does with the world; tests put their own in its place. */
export interface VerifierWorld {
  readonly readEnvironment: () => PamEnvironment
  /** At most 512 bytes from stdin. */
  readonly readAnswer: () => Buffer
  readonly loadConfig: (path: string) => Config
  readonly openPorts: (config: Config) => Ports
  /** Of the host, for what needs no configuration. */
  readonly openPasswd: () => Passwd
  readonly passwords: PasswordCheck
  readonly now: Now
  readonly logAuth: LogAuth
  /** One line to the person who logs in. */
  readonly say: (line: string) => void
}

/**
 * One run of the verifier for a line of pam.d. True means that the login may go on, and that all
 * which makes it so is on disk. Never throws: whatever breaks is logged and means no.
 */
export async function runVerifier(
  args: readonly string[],
  defaultConfigPath: string,
  world: VerifierWorld,
): Promise<boolean> {
  let request: LoginRequest | undefined
  let messages: Messages = DEFAULT_MESSAGES
  try {
    const parsed = parseArguments(args, defaultConfigPath)
    const { mode, configPath } = parsed
    request = toRequest(world.readEnvironment(), mode)
    if (isQuestion(mode)) return answerQuestion(mode, parsed, request, world.openPasswd)
    const config = world.loadConfig(configPath)
    messages = config.messages
    const report = await judge(mode, config, request, world)
    log(mode, report, request, world)
    tell(mode, report, messages, world)
    return isAdmitted(report.decision)
  } catch (error) {
    world.logAuth('err', formatErrorLine(error, request))
    // The question comes next whatever broke: from outside nothing looks different.
    if (args.includes('--excused')) world.say(messages.prompt)
    return false
  }
}

/** PAM_TYPE of the lines that a mode is for. */
const PHASES: Readonly<Record<VerifierMode, readonly string[]>> = {
  code: ['auth'],
  excused: ['auth'],
  'password-and-code': ['auth'],
  'first-factor-missing': ['auth'],
  'outside-group': ['auth', 'account'],
  account: ['account'],
}

/** Throws ERR_PAM_ENVIRONMENT unless PAM says who logs in where, in the phase the line is for. */
function toRequest(environment: PamEnvironment, mode: VerifierMode): LoginRequest {
  const { user, service, type, tty, remoteHost, sshConnection, sshAuthInfo } = environment
  const phases = PHASES[mode]
  if (user === undefined || service === undefined || !phases.some((phase) => phase === type)) {
    const named = phases.join(' or ')
    throw new AppError('ERR_PAM_ENVIRONMENT', `not run by pam_exec in the ${named} phase`)
  }
  return { user, service, tty, remoteHost, sshConnection, authInfo: sshAuthInfo }
}

async function judge(
  mode: LoginMode,
  config: Config,
  request: LoginRequest,
  world: VerifierWorld,
): Promise<LoginReport> {
  const policy = verifyPolicy(config)
  const typed = mode === 'excused' || mode === 'account' ? NOTHING_TYPED : world.readAnswer()
  let ports: Ports | undefined
  try {
    ports = world.openPorts(config)
    return await judgeBy(ports, mode, { policy, request, typed, world })
  } catch (error) {
    const report = await findRescue(error, mode, { ports, policy, request, world })
    if (report === undefined) throw error
    world.logAuth('err', formatErrorLine(error, request))
    return report
  } finally {
    ports?.close()
  }
}

/** One login, with all that is known of it before the store is asked. */
interface LoginCase {
  readonly policy: VerifyPolicy
  readonly request: LoginRequest
  readonly typed: Buffer
  readonly world: VerifierWorld
}

async function judgeBy(
  ports: Ports,
  mode: LoginMode,
  { policy, request, typed, world }: LoginCase,
): Promise<LoginReport> {
  switch (mode) {
    case 'code':
      return await verifyLogin(ports, policy, request, parseAnswer(typed))
    case 'password-and-code':
      return await verifyPasswordLogin(
        { ...ports, passwords: world.passwords },
        policy,
        request,
        typed,
      )
    case 'account':
      return await checkAccount(ports, policy, request)
    case 'excused':
      return await excuseLogin(ports, policy, request)
    default:
      return assertNever(mode)
  }
}

/** Break glass: no code is asked where the store fails and a rule says so; a code is never taken. */
async function findRescue(
  error: unknown,
  mode: LoginMode,
  {
    ports,
    policy,
    request,
    world,
  }: Omit<LoginCase, 'typed'> & { readonly ports: Ports | undefined },
): Promise<LoginReport | undefined> {
  if (!isStorageFailure(error) || (mode !== 'excused' && mode !== 'account')) return undefined
  const phase = mode === 'account' ? 'account' : 'auth'
  const emergency = { passwd: ports?.passwd ?? world.openPasswd(), register: ports?.register }
  return excuseInEmergency(emergency, policy, request, phase)
}

/** One line a login: no excuse is no event yet, and a ticket that is there was logged when it was left. */
function log(
  mode: VerifierMode,
  report: LoginReport,
  request: LoginRequest,
  world: VerifierWorld,
): void {
  const { outcome } = report.decision
  if (mode === 'excused' && outcome === 'denied') return
  if (mode === 'account' && outcome === 'accepted') return
  world.logAuth(logPriority(report.decision), formatLogLine(report, request))
}

/**
 * Nothing that tells people apart is said before a first factor is proven; and where both came in one
 * answer, not which of them was wrong.
 */
function tell(
  mode: VerifierMode,
  { decision, facts }: LoginReport,
  messages: Messages,
  world: VerifierWorld,
): void {
  if (mode === 'excused' && decision.outcome === 'denied') {
    world.say(messages.prompt)
    return
  }
  if (mode === 'account' || facts?.firstFactor === undefined) return
  if (mode === 'password-and-code' && !isAdmitted(decision)) return
  const message = messageFor(decision, messages, world.now())
  if (message !== undefined) world.say(message)
}
