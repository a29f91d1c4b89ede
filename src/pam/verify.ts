import { conductLogin } from '../app/conduct-login.ts'
import type { LoginRequest } from '../app/gather-facts.ts'
import { takesAnswer } from '../app/judge-login.ts'
import { tellBreakage } from '../app/tell-login.ts'
import { DEFAULT_MESSAGES, type Messages } from '../domain/message.ts'
import { verifyPolicy } from '../wire.ts'
import { parseArguments } from './arguments.ts'
import { answerQuestion, isQuestion } from './question.ts'
import { toRequest } from './request.ts'
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
    const { mode, timeLeftMilliseconds } = parsed
    if (timeLeftMilliseconds !== undefined) world.limitTime(timeLeftMilliseconds)
    request = toRequest(world.readEnvironment(), parsed)
    if (isQuestion(mode)) return answerQuestion(mode, parsed, request, world.openPasswd)
    const config = world.loadConfig(parsed.configPath)
    messages = config.messages
    const typed = takesAnswer(mode) ? world.readAnswer() : NOTHING_TYPED
    const openPorts = () => world.openPorts(config)
    const openAccounts = () => world.openAccounts(config)
    const login = { mode, policy: verifyPolicy(config), request, typed }
    return await conductLogin({ ...world, openPorts, openAccounts }, login, messages)
  } catch (error) {
    const isExcuse = args.includes('--excused')
    tellBreakage(error, request, { isExcuse, messages }, world)
    return false
  }
}
