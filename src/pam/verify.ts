import { checkAccount } from '../app/check-account.ts'
import { excuseLogin } from '../app/excuse-login.ts'
import type { LoginRequest } from '../app/gather-facts.ts'
import {
  formatErrorLine,
  formatLogLine,
  type LoginReport,
  logPriority,
} from '../app/login-report.ts'
import type { LogAuth, Now } from '../app/ports.ts'
import { verifyLogin } from '../app/verify-login.ts'
import { AppError } from '../base/errors.ts'
import { parseAnswer } from '../domain/answer.ts'
import { isAdmitted } from '../domain/decision.ts'
import { DEFAULT_MESSAGES, type Messages, messageFor } from '../domain/message.ts'
import type { PamEnvironment } from '../host/pam-env.ts'
import { type Config, type Ports, verifyPolicy } from '../wire.ts'
import { parseArguments, type VerifierMode } from './arguments.ts'

/** What the verifier does with the world; tests put their own in its place. */
export interface VerifierWorld {
  readonly readEnvironment: () => PamEnvironment
  /** At most 512 bytes from stdin. */
  readonly readAnswer: () => Buffer
  readonly loadConfig: (path: string) => Config
  readonly openPorts: (config: Config) => Ports
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
    const { mode, configPath } = parseArguments(args, defaultConfigPath)
    request = toRequest(world.readEnvironment(), mode)
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

/** Throws ERR_PAM_ENVIRONMENT unless PAM says who logs in where, in the phase the line is for. */
function toRequest(environment: PamEnvironment, mode: VerifierMode): LoginRequest {
  const { user, service, type, tty, remoteHost, sshConnection, sshAuthInfo } = environment
  const phase = mode === 'account' ? 'account' : 'auth'
  if (user === undefined || service === undefined || type !== phase) {
    throw new AppError('ERR_PAM_ENVIRONMENT', `not run by pam_exec in the ${phase} phase`)
  }
  return { user, service, tty, remoteHost, sshConnection, authInfo: sshAuthInfo }
}

async function judge(
  mode: VerifierMode,
  config: Config,
  request: LoginRequest,
  world: VerifierWorld,
): Promise<LoginReport> {
  const policy = verifyPolicy(config)
  const answer = mode === 'code' ? parseAnswer(world.readAnswer()) : undefined
  const ports = world.openPorts(config)
  try {
    if (answer !== undefined) return await verifyLogin(ports, policy, request, answer)
    if (mode === 'account') return await checkAccount(ports, policy, request)
    return await excuseLogin(ports, policy, request)
  } finally {
    ports.close()
  }
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

/** Nothing that tells people apart is said before a first factor is proven. */
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
  const message = messageFor(decision, messages, world.now())
  if (message !== undefined) world.say(message)
}
