import { spawn } from 'node:child_process'

/** Starts a program that goes on when this one, its terminal and its session are gone. */
export function startDetached(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { detached: true, stdio: 'ignore', cwd: '/' })
  child.on('error', () => {
    // Whoever needs it looks for what it does.
  })
  child.unref()
}
