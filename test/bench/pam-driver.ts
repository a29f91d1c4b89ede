import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Logins of these people, once each, all with the same answer. */
export interface Batch {
  readonly service: string
  readonly names: readonly string[]
  readonly answer: string
  /** How many log in at the same time. */
  readonly workers: number
}

/** `cpuMs`: of the login's own process and all that it started. */
export interface TimedLogin {
  readonly ok: boolean
  readonly ms: number
  readonly cpuMs: number
}

export interface BatchResult {
  readonly wallMs: number
  readonly logins: readonly TimedLogin[]
}

/** Logs in through libpam, each login in a process of its own, in a clean environment. */
export interface PamDriver {
  logIn(batch: Batch): Promise<BatchResult>
  close(): void
}

/** `program`: native/pam-driver.c, compiled. `preload`: a library for it and PAM's modules. */
export function openPamDriver(program: string, preload?: string): PamDriver {
  const env = preload === undefined ? {} : { LD_PRELOAD: preload }
  const child = spawn(program, [], { env, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const readNumbers = async (): Promise<readonly number[]> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the PAM driver has ended')
    return String(value).split(' ').map(Number)
  }
  return {
    async logIn({ service, names, answer, workers }) {
      child.stdin.write(`${workers} ${names.length} ${service} ${answer}\n${names.join('\n')}\n`)
      const [wallNs] = await readNumbers()
      const logins: TimedLogin[] = []
      while (logins.length < names.length) {
        const [result, ns, cpuUs] = await readNumbers()
        logins.push({ ok: result === 0, ms: Number(ns) / 1e6, cpuMs: Number(cpuUs) / 1e3 })
      }
      return { wallMs: Number(wallNs) / 1e6, logins }
    },
    close: () => child.kill('SIGKILL'),
  }
}
