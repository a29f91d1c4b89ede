import { fillPamRecipe, readExample } from '../../test/support/shipped-example.ts'
import { type ClientResult, loginWithSsh } from '../../test/support/ssh-client.ts'
import { openThrowawayHost, type ThrowawayHost } from '../../test/support/throwaway-host.ts'
import { writeConfig } from './config-file.ts'
import { VERIFIER } from './program.ts'
import { type Attempt, type Stage, seen, type TranscriptLine, typed } from './stage.ts'

/** Proves on the other side who got in. */
const COMMAND = 'whoami'

/**
 * A temporary user, a PAM service from the shipped recipe and an sshd of its own, tried with the
 * ordinary ssh client. Needs root. Rejects, with everything undone, where one of them cannot be had.
 */
export async function openSshdStage(): Promise<Stage> {
  const host = openThrowawayHost()
  try {
    return await openOn(host)
  } catch (error) {
    host.close()
    throw error
  }
}

async function openOn(host: ThrowawayHost): Promise<Stage> {
  const { name, key } = host.addUser()
  const configPath = writeConfig(host)
  const verifier = [VERIFIER, '--config', configPath]
  const service = host.addPamService(
    fillPamRecipe(readExample('pam.d/otpgate-key-then-code'), verifier),
  )
  const config = readExample('sshd_config.d/00-otpgate.conf')
  const sshd = await host.startSshd({ service, config })
  const login = { user: name, key, command: COMMAND }
  const commandLine = `ssh -p ${sshd.port} ${name}@${sshd.host} ${COMMAND}`
  return {
    user: name,
    configPath,
    about:
      `This is real: a temporary user (${name}) with an SSH key, an sshd of its own on ` +
      `${sshd.host}:${sshd.port}, and a PAM service from examples/pam.d. The machine's own sshd ` +
      'is not touched. Where ssh asks "Password:" it wants the code: PAM words it so.',
    removes: 'the user, its sshd, the PAM service and the temporary folder',
    logIn: async (code) => {
      const answers = code === undefined ? undefined : [code]
      const result = await loginWithSsh(sshd, { ...login, answers })
      return toAttempt(result, { commandLine, user: name, code })
    },
    close: () => host.close(),
  }
}

interface Login {
  readonly commandLine: string
  readonly user: string
  readonly code: string | undefined
}

function toAttempt(result: ClientResult, login: Login): Attempt {
  const outcome = judge(result, login.user)
  const shown = outcome === 'broken' ? seen(result.stderr) : showExchange(result, login.code)
  return { outcome, transcript: [typed(login.commandLine), ...shown] }
}

/** A connection that fails for any other reason than a refusal proves nothing. */
function judge({ ok, stdout, stderr }: ClientResult, user: string): Attempt['outcome'] {
  if (ok) return stdout.trim() === user ? 'let-in' : 'broken'
  return stderr.includes('Permission denied') ? 'refused' : 'broken'
}

/** The line before the question, the question with what was typed, and what came back. */
function showExchange(result: ClientResult, code: string | undefined): TranscriptLine[] {
  const { prompts, messages, stdout, stderr } = result
  const [prompt] = prompts
  const before = prompt === undefined ? 0 : 1
  const denial = seen(stderr).filter(({ text }) => text.includes('Permission denied'))
  return [
    ...messages.slice(0, before).flatMap(seen),
    ...(prompt === undefined ? [] : seen(`${prompt}${code ?? ''}`)),
    ...messages.slice(before).flatMap(seen),
    ...seen(stdout),
    ...denial,
  ]
}
