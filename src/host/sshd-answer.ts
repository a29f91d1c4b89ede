import { runHostProgram } from './host-program.ts'

const TIME_LIMIT_MILLISECONDS = 10_000
const SSH_PORT = 22
/** Nobody knows which of the host's it would be: one that no block is about. */
const LOCAL_ADDRESS = '127.0.0.1'

/** The sshd that is asked: a program, and its configuration file. */
export interface SshdPlace {
  readonly program: string
  readonly config: string
}

/** A login as `Match` blocks of sshd_config(5) look at it. */
export interface SshdLogin {
  readonly user: string
  /** An IP address. */
  readonly address: string
  /** The port of this host that it comes to, 22 unless said. */
  readonly localPort?: number
}

/** What sshd says of itself. `values`: by keyword in lower case, a keyword may come more than once. */
export type SshdAnswer =
  | { readonly kind: 'settings'; readonly values: ReadonlyMap<string, readonly string[]> }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly complaint: string }

/**
 * The settings that hold for one login, by `sshd -T -C` (sshd(8)): includes, drop-ins and `Match`
 * are sshd's own to judge. Takes root, as sshd reads its host keys.
 */
export function askSshd({ program, config }: SshdPlace, login: SshdLogin): SshdAnswer {
  const { user, address, localPort = SSH_PORT } = login
  // Without all of them sshd refuses a file that has a block about what is left out.
  const connection = `user=${user},host=${address},addr=${address},laddr=${LOCAL_ADDRESS},lport=${localPort}`
  const args = ['-T', '-f', config, '-C', connection]
  const { status, stdout, complaint, isAbsent } = runHostProgram(
    program,
    args,
    TIME_LIMIT_MILLISECONDS,
  )
  if (isAbsent) return { kind: 'absent' }
  if (status === 0) return { kind: 'settings', values: parseSettings(stdout) }
  return { kind: 'refused', complaint }
}

function parseSettings(text: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, readonly string[]>()
  for (const line of text.split('\n')) {
    const [, keyword, value] = /^(\S+) (.*)$/.exec(line) ?? []
    if (keyword === undefined || value === undefined) continue
    values.set(keyword, [...(values.get(keyword) ?? []), value])
  }
  return values
}
