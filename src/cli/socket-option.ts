import { Option } from 'commander'
import { DAEMON_SOCKET } from '../host/daemon-probe.ts'

/** What `--socket` leaves in the options of a command. */
export interface SocketOptions {
  readonly socket: string
}

/** `--socket FILE`, as otpgated and the lines of pam.d take it. */
export function socketOption(): Option {
  return new Option('--socket <file>', 'where the daemon listens').default(DAEMON_SOCKET)
}
