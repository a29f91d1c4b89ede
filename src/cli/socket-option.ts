import { Option } from 'commander'
import { AppError } from '../base/errors.ts'
import { DAEMON_SOCKET } from '../host/daemon-probe.ts'

/** sun_path holds 108, with the NUL at its end. */
const LONGEST_SOCKET_BYTES = 107

/** What `--socket` leaves in the options of a command. */
export interface SocketOptions {
  readonly socket: string
}

/** `--socket FILE`, as otpgated and the lines of pam.d take it. */
export function socketOption(): Option {
  return new Option('--socket <file>', 'where the daemon listens')
    .default(DAEMON_SOCKET)
    .argParser(parseSocket)
}

/** As much as the kernel takes (unix(7)): of a longer name it would be another that is asked. */
function parseSocket(text: string): string {
  if (text !== '' && Buffer.byteLength(text) <= LONGEST_SOCKET_BYTES) return text
  throw new AppError('ERR_USAGE', 'that is no name of a socket', {
    hint: `--socket takes a path of 1 to ${LONGEST_SOCKET_BYTES} bytes`,
  })
}
