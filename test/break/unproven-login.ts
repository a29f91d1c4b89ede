import { spawnSync } from 'node:child_process'
import { now } from '../../src/host/clock.ts'
import { loadConfig, openPorts } from '../../src/wire.ts'
import { verify } from '../pam/verifier-world.ts'
import type { Otpgate } from '../support/otpgate-host.ts'
import { type Lookalike, TIME_LIMIT } from './lookalike.ts'

/** Not the one that any of them has logged in by. */
const SSH_CONNECTION = '192.0.2.7 50999 192.0.2.1 22'

/** What the program did with one answer. */
export interface Try {
  readonly seen: string
  readonly milliseconds: number
}

/** An SSH login of which nothing is proven: the service decides whether the code is looked at. */
export function tryUnproven(
  otpgate: Otpgate,
  service: string,
  { name, answer }: Lookalike,
  mode: readonly string[] = [],
): Try {
  const [program, ...args] = otpgate.verifier
  const env = {
    PAM_SERVICE: service,
    PAM_USER: name,
    PAM_TYPE: mode.includes('--account') ? 'account' : 'auth',
    PAM_TTY: 'ssh',
    PAM_RHOST: '192.0.2.7',
    SSH_CONNECTION,
  }
  const options = { env, input: answer, cwd: '/' }
  const before = performance.now()
  const { status, stdout, stderr } = spawnSync(program, [...args, ...mode], options)
  const milliseconds = performance.now() - before
  return { seen: `${status} ${stdout.toString('hex')} ${stderr.toString('hex')}`, milliseconds }
}

/** The same without the program around it: of what is left, small differences show. */
export async function tryUnprovenHere(
  otpgate: Otpgate,
  service: string,
  { name, answer }: Lookalike,
): Promise<Try> {
  const config = loadConfig(otpgate.configFile)
  const world = { loadConfig: () => config, openPorts: () => openPorts(config, TIME_LIMIT), now }
  const environment = { service, user: name, sshAuthInfo: undefined }
  const before = performance.now()
  const { isAdmitted, said } = await verify({ answer, environment, world })
  return { seen: JSON.stringify({ isAdmitted, said }), milliseconds: performance.now() - before }
}
