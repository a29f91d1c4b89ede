import { type Authenticator, createApp, enrollOptions } from '../../support/enrolled-person.ts'
import { runProgram } from '../../support/run-program.ts'
import { requireTool, runTool } from '../../support/run-tool.ts'

/** The client without otpgate-verify-direct beside it: what it answers, the daemon has said. */
const CLIENT = '/opt/otpgate/dist/otpgate-client'
const KEY = Buffer.from('a public key, as far as the daemon looks').toString('base64')

/** Somebody with an account and a device on this machine, and the admin's own commands. */
export interface InstalledPerson {
  readonly name: string
  readonly app: Authenticator
  readonly recoveryCodes: readonly string[]
}

/** What sshd says of a login; each has a connection of its own. */
export interface LoginWords {
  readonly type?: 'auth' | 'account'
  readonly service?: string
  /** `''`: sshd has proven none. */
  readonly firstFactor?: string
  readonly port?: number
}

/** `otpgate` as root; throws with its own words where its status is not 0. */
export function otpgate(args: readonly string[], input = ''): string {
  return requireTool('/usr/bin/otpgate', args, input).stdout
}

/** Enrolls by root's command; `name` is a name that the machine knows. */
export function enroll(name: string): InstalledPerson {
  const app = createApp()
  const args = ['enroll', name, ...enrollOptions(app), '--no-confirm', '--json']
  const enrolled: { recovery_codes: readonly string[] } = JSON.parse(
    otpgate(args, `${app.secretBase32}\n`),
  )
  return { name, app, recoveryCodes: enrolled.recovery_codes }
}

/** A new user of the machine, enrolled. */
export function addPerson(name: string): InstalledPerson {
  requireTool('useradd', ['--no-create-home', name])
  return enroll(name)
}

/** Takes user and account away, as far as they are there. */
export function removePerson(name: string): void {
  runTool('/usr/bin/otpgate', ['remove', name, '--yes'])
  runTool('userdel', [name])
}

/** Asks the daemon as PAM would have the client ask; its exit status, 0 or 1. */
export async function askDaemon(
  name: string,
  answer: string,
  { type = 'auth', service = 'sshd', port = 50_000, firstFactor }: LoginWords = {},
): Promise<number | undefined> {
  const env = {
    PAM_USER: name,
    PAM_SERVICE: service,
    PAM_TYPE: type,
    PAM_TTY: 'ssh',
    PAM_RHOST: '192.0.2.7',
    SSH_CONNECTION: `192.0.2.7 ${port} 192.0.2.1 22`,
    SSH_AUTH_INFO_0: firstFactor ?? `publickey ssh-ed25519 ${KEY}`,
  }
  const args = type === 'account' ? ['--account'] : []
  const { status } = await runProgram(CLIENT, args, { env, input: answer, timeoutMs: 20_000 })
  return status
}
