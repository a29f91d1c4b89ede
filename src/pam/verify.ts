import type { LoginRequest } from '../app/gather-facts.ts'
import { formatErrorLine, type LoginReport } from '../app/login-report.ts'
import { isAdmitted } from '../domain/decision.ts'
import { DEFAULT_MESSAGES, type Messages } from '../domain/message.ts'
import { type Config, type Ports, verifyPolicy } from '../wire.ts'
import { parseArguments } from './arguments.ts'
import { judgeLogin, type LoginCase, type LoginMode, takesAnswer } from './judge.ts'
import { answerQuestion, isQuestion } from './question.ts'
import { toRequest } from './request.ts'
import { findRescue } from './rescue.ts'
import { logReport, tellPerson } from './tell.ts'
import type { VerifierWorld } from './world.ts'

const NOTHING_TYPED = Buffer.alloc(0)

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
    logReport(mode, report, request, world)
    tellPerson(mode, report, messages, world)
    return isAdmitted(report.decision)
  } catch (error) {
    world.logAuth('err', formatErrorLine(error, request))
    // The question comes next whatever broke: from outside nothing looks different.
    if (args.includes('--excused')) world.say(messages.prompt)
    return false
  }
}

async function judge(
  mode: LoginMode,
  config: Config,
  request: LoginRequest,
  world: VerifierWorld,
): Promise<LoginReport> {
  const typed = takesAnswer(mode) ? world.readAnswer() : NOTHING_TYPED
  const login: LoginCase = { mode, policy: verifyPolicy(config), request, typed }
  let ports: Ports | undefined
  try {
    ports = world.openPorts(config)
    return await judgeLogin({ ...ports, passwords: world.passwords }, login)
  } catch (error) {
    return await rescue(error, ports, { config, login, world })
  } finally {
    ports?.close()
  }
}

/** Throws `error` where nothing helps; what else broke meanwhile does not hide it. */
async function rescue(
  error: unknown,
  ports: Ports | undefined,
  { config, login, world }: { config: Config; login: LoginCase; world: VerifierWorld },
): Promise<LoginReport> {
  const logError = () => world.logAuth('err', formatErrorLine(error, login.request))
  let report: LoginReport | undefined
  try {
    const passwd = ports?.passwd ?? world.openPasswd()
    const openAccounts = () => world.openAccounts(config)
    report = await findRescue(error, { passwd, register: ports?.register, openAccounts }, login)
  } catch (second) {
    logError()
    throw second
  }
  if (report === undefined) throw error
  logError()
  return report
}
