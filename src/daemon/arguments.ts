import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'

/** Where the static client looks, unless its line of pam.d says another path. */
export const DEFAULT_SOCKET_PATH = '/run/otpgate/otpgated.sock'

/** What the command line asks for. */
export type DaemonArguments =
  | {
      readonly kind: 'run'
      readonly configPath: string
      /** Used where systemd hands no socket over. */
      readonly socketPath: string
      /** In place of the one that the configuration names. */
      readonly keyPath: string | undefined
    }
  | { readonly kind: 'version' }
  | { readonly kind: 'help' }

/** What `--help` prints. */
export const USAGE = `usage: otpgated [--config FILE] [--socket PATH] [--key FILE]
       otpgated --version | --help

Judges logins for otpgate-verify, on the socket that systemd hands over
(sd_listen_fds(3)), or else on one of its own.

  --config FILE   default: /etc/otpgate/otpgate.toml
  --socket PATH   default: ${DEFAULT_SOCKET_PATH}
  --key FILE      the master key, such as one that systemd has loaded;
                  default: as configured

SIGHUP reads the configuration again, SIGTERM ends after the logins under way,
SIGUSR2 logs counts.
`

const OPTIONS: ReadonlyMap<string, 'configPath' | 'socketPath' | 'keyPath'> = new Map([
  ['--config', 'configPath'],
  ['--socket', 'socketPath'],
  ['--key', 'keyPath'],
])

/** Reads the command line. Throws ERR_USAGE for whatever is not understood. */
export function parseDaemonArguments(
  args: readonly string[],
  defaultConfigPath: string,
): DaemonArguments {
  const [only] = args
  if (args.length === 1 && only === '--version') return { kind: 'version' }
  if (args.length === 1 && only === '--help') return { kind: 'help' }
  const named = new Map<string, string>()
  const rest = [...args]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const option = OPTIONS.get(word)
    if (option === undefined) {
      throw new AppError('ERR_USAGE', `an argument is not understood: ${toPrintable(word)}`)
    }
    if (named.has(option)) throw new AppError('ERR_USAGE', `${word} is given twice`)
    named.set(option, absolutePath(word, rest.shift()))
  }
  return {
    kind: 'run',
    configPath: named.get('configPath') ?? defaultConfigPath,
    socketPath: named.get('socketPath') ?? DEFAULT_SOCKET_PATH,
    keyPath: named.get('keyPath'),
  }
}

function absolutePath(option: string, path: string | undefined): string {
  if (path?.startsWith('/')) return path
  throw new AppError('ERR_USAGE', `${option} needs an absolute path`)
}
