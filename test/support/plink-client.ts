import { existsSync } from 'node:fs'
import type { KeyPair } from './client-key.ts'
import type { PrivateSshd } from './private-sshd.ts'
import { type ProgramResult, runProgram } from './run-program.ts'
import { requireTool } from './run-tool.ts'

export interface PlinkRequest {
  readonly user: string
  readonly key: KeyPair
  readonly answers: readonly string[]
}

export interface PlinkResult extends ProgramResult {
  /** Logged in. Not plink's status, which is 0 too when its input ends at a question. */
  readonly ok: boolean
}

/** Logs in with PuTTY's plink(1), a client that shares no code with OpenSSH's. */
export async function loginWithPlink(
  sshd: PrivateSshd,
  { user, key, answers }: PlinkRequest,
): Promise<PlinkResult> {
  const result = await runProgram(
    'plink',
    [
      // Without -no-antispoof it waits for Return before the session begins.
      ...['-ssh', '-no-antispoof', '-noagent', '-hostkey', sshd.fingerprint],
      ...['-i', convertKey(key), '-P', String(sshd.port), '-l', user, sshd.host],
      'id -un',
    ],
    // Without a terminal it reads its answers from stdin; HOME is where it would keep settings.
    { input: answers.map((answer) => `${answer}\n`).join(''), env: { HOME: sshd.directory } },
  )
  return { ...result, ok: result.stdout.trim() === user }
}

/** PuTTY 0.78 reads private keys in its own format only. */
function convertKey(key: KeyPair): string {
  const file = `${key.file}.ppk`
  if (!existsSync(file)) requireTool('puttygen', [key.file, '-O', 'private', '-o', file])
  return file
}
