import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { DIRECT_VERIFIER, type Otpgate } from './otpgate-host.ts'
import type { ThrowawayHost } from './throwaway-host.ts'

/** What stands in /dev besides the log; Node and the shell need some of it. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'] as const

/** What logger(1) may take in a login, and here: a line that is lost is none that was not written. */
const LOGGER_LIMIT = '/usr/bin/timeout -s KILL 0.3 /usr/bin/logger'
const PATIENT_LIMIT = '/usr/bin/timeout -s KILL 20 /usr/bin/logger'

/** A syslog server of the test's own. */
export interface PrivateSyslog {
  /** The verifier, in a mount namespace in which /dev/log is this server's socket. */
  readonly verifier: string
  /** Every message so far, as it came: `<priority>date tag[pid]: line`; the client leaves the date to syslog. */
  readMessages(): Promise<readonly string[]>
  close(): void
}

/** Nothing of it is seen outside: the machine's /dev/log, if there is one, hears nothing. */
export async function startPrivateSyslog(
  host: ThrowawayHost,
  otpgate: Otpgate,
): Promise<PrivateSyslog> {
  const directory = mkdtempSync(join(host.secretDirectory, 'syslog-'))
  const socket = join(directory, 'socket')
  const devices = join(directory, 'dev')
  const messages: Promise<string>[] = []
  const server = createServer((peer) => messages.push(text(peer)))
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  mkdirSync(devices)
  const direct = otpgate.daemon ? [`${otpgate.daemon.verifier[0]}-direct`] : []
  const launchers = [DIRECT_VERIFIER, ...direct].map((at, index) => {
    const file = join(directory, `launcher-${index}`)
    writeFileSync(file, toPatient(readFileSync(at, 'utf8')), { mode: 0o755 })
    return { file, at }
  })
  const inside = host.writeProgram(
    `namespace-${basename(directory)}`,
    renderNamespace({ devices, socket, launchers }, otpgate),
  )
  const verifier = host.writeProgram(
    basename(directory),
    `#!/bin/sh\nexec /usr/bin/unshare --mount --propagation private ${inside} "$@"\n`,
  )
  // On a stream some end a message by a NUL, and some by the end of the connection.
  const readMessages = async () =>
    (await Promise.all(messages)).map((each) => each.replace(/\0$/, ''))
  return { verifier, readMessages, close: () => server.close() }
}

/** A launcher that waits for logger(1) also on a machine that stands still for a moment. */
function toPatient(launcher: string): string {
  if (launcher.includes(LOGGER_LIMIT)) return launcher.replace(LOGGER_LIMIT, PATIENT_LIMIT)
  throw new Error('the launcher starts logger(1) in another way')
}

interface NamespaceFiles {
  readonly devices: string
  readonly socket: string
  /** Each is mounted over the one that it was made of. */
  readonly launchers: readonly { readonly file: string; readonly at: string }[]
}

function renderNamespace(
  { devices, socket, launchers }: NamespaceFiles,
  { verifier }: Otpgate,
): string {
  return `#!/bin/sh
set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t tmpfs tmpfs ${devices}
for name in ${DEVICES.join(' ')}; do
  : >${devices}/$name
  mount --bind /dev/$name ${devices}/$name
done
ln -s ${socket} ${devices}/log
mount --rbind ${devices} /dev
${launchers.map(({ file, at }) => `mount --bind ${file} ${at}`).join('\n')}
exec ${verifier[0]} "$@"
`
}
