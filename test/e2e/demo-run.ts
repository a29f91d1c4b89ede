import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIRECTORY_PREFIX } from '../support/host-scope.ts'
import { PAM_DIRECTORY } from '../support/pam-service.ts'
import { BARE_ENVIRONMENT } from '../support/run-program.ts'
import { USER_NAME } from '../support/temp-user.ts'

/** Where a program without TMPDIR makes its temporary files. */
const TEMPORARY = '/tmp'
const REPOSITORY = join(import.meta.dirname, '../..')

/** How a demo ended. */
export interface DemoEnd {
  /** `undefined`: by a signal that nothing caught. */
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
  /** What it left on the machine. */
  readonly traces: readonly string[]
}

interface DemoOptions {
  /** Root of the checkout; in place of this one. */
  readonly checkout?: string
  /** Run as this user, without any of root's rights. */
  readonly as?: { readonly uid: number; readonly gid: number }
  /** Sees all that is printed so far, whenever there is more. */
  readonly onOutput?: (stdout: string, demo: ChildProcess) => void
}

/** Runs `examples/demo/main.ts --auto` in a pipe to its end. */
export async function runDemo(options: DemoOptions = {}): Promise<DemoEnd> {
  const { checkout = REPOSITORY, as, onOutput } = options
  const demo = spawn(nodeOf(checkout), [join(checkout, 'examples/demo/main.ts'), '--auto'], {
    cwd: '/',
    env: BARE_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...as,
  })
  let stdout = ''
  let stderr = ''
  demo.stdout.on('data', (chunk) => {
    stdout += chunk
    onOutput?.(stdout, demo)
  })
  demo.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [status] = await once(demo, 'close')
  return { status: status ?? undefined, stdout, stderr, traces: findTraces(demo.pid ?? 0) }
}

/** Users, PAM services, directories and processes that carry the id of this process. */
export function findTraces(pid: number): string[] {
  const passwd = readFileSync('/etc/passwd', 'utf8').split('\n')
  const ownName = `${DIRECTORY_PREFIX}${pid}-`
  const names = [...readdirSync(PAM_DIRECTORY), ...readdirSync(TEMPORARY)]
  return [
    ...passwd.filter((line) => USER_NAME.exec(line.split(':')[0] ?? '')?.[1] === String(pid)),
    ...names.filter((name) => name.startsWith(ownName)),
    ...readCommandLines().filter((line) => line.includes(ownName)),
  ]
}

/** The demo must run on the Node of its own checkout: another user may not get at this one. */
function nodeOf(checkout: string): string {
  return join(checkout, 'node_modules', `node-linux-${process.arch}`, 'bin/node')
}

function readCommandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readCommandLine)
}

/** Empty for a process that has ended in the meantime. */
function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
