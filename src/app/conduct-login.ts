import { AppError, type ErrorCode } from '../base/errors.ts'
import { isAdmitted } from '../domain/decision.ts'
import type { Messages } from '../domain/message.ts'
import { judgeLogin, type LoginCase, type LoginPorts } from './judge-login.ts'
import { type LoginReport, toErrorRecord } from './login-report.ts'
import type { Passwd, PasswordCheck } from './ports.ts'
import { findRescue, type ReadableAccounts } from './rescue-login.ts'
import { type Listeners, logReport, tellPerson } from './tell-login.ts'

/** What a login is judged with, and who hears of it. */
export interface LoginWorld extends Listeners {
  /** Key and database, until they are closed. */
  readonly openPorts: () => LoginPorts & { readonly close: () => void }
  /** Without the key, where `openPorts` fails. */
  readonly openAccounts: () => ReadableAccounts
  /** Of the host, for what needs no configuration. */
  readonly openPasswd: () => Passwd
  readonly passwords: PasswordCheck
  /** What is no emergency here, since somebody else gets past it and is asked next. */
  readonly leftToOthers?: readonly ErrorCode[]
}

/**
 * One login from the first look at the store to the last word about it. True means that it may go
 * on, and that all which makes it so is on disk. Throws ERR_* of whatever broke.
 */
export async function conductLogin(
  world: LoginWorld,
  login: LoginCase,
  messages: Messages,
): Promise<boolean> {
  const report = await judge(world, login)
  logReport(login.mode, report, login.request, world)
  tellPerson(login.mode, report, messages, world)
  return isAdmitted(report.decision)
}

async function judge(world: LoginWorld, login: LoginCase): Promise<LoginReport> {
  let ports: ReturnType<LoginWorld['openPorts']> | undefined
  try {
    ports = world.openPorts()
    return await judgeLogin({ ...ports, passwords: world.passwords }, login)
  } catch (error) {
    if (error instanceof AppError && world.leftToOthers?.includes(error.code)) throw error
    return await rescue(error, ports, login, world)
  } finally {
    ports?.close()
  }
}

/** Throws `error` where nothing helps; what else broke meanwhile does not hide it. */
async function rescue(
  error: unknown,
  ports: LoginPorts | undefined,
  login: LoginCase,
  { openPasswd, openAccounts, logAuth }: LoginWorld,
): Promise<LoginReport> {
  const logError = () => logAuth(toErrorRecord(error, login.request))
  let report: LoginReport | undefined
  try {
    const passwd = ports?.passwd ?? openPasswd()
    report = await findRescue(error, { passwd, register: ports?.register, openAccounts }, login)
  } catch (second) {
    logError()
    throw second
  }
  if (report === undefined) throw error
  logError()
  return report
}
