import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { compile } from './compile.ts'

export interface PamLogin {
  readonly service: string
  readonly user: string
  readonly answer: string
}

export interface TimedLogin {
  readonly ok: boolean
  readonly ms: number
}

/** Logs in through libpam from one process that stays, in a clean environment. */
export interface PamDriver {
  login(login: PamLogin): Promise<TimedLogin>
  close(): void
}

export function openPamDriver(directory: string): PamDriver {
  const program = compile('pam-driver.c', directory, '-lpam')
  const child = spawn(program, [], { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    async login({ service, user, answer }) {
      child.stdin.write(`${service} ${user} ${answer}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`the PAM driver ended at ${service}`)
      const [result, ns] = String(value).split(' ').map(Number)
      return { ok: result === 0, ms: Number(ns) / 1e6 }
    },
    close: () => child.kill('SIGKILL'),
  }
}
