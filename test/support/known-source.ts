import type { Otpgate } from './otpgate-host.ts'

/** A source of `otpgate source list --json`. */
export interface SourceRecord {
  readonly network: string
  readonly first_factor: string
  readonly last_success: string
  readonly known_until: string | null
  readonly remembered_until: string | null
}

/** Where the person is known to log in from. */
export async function readSources(
  otpgate: Otpgate,
  name: string,
): Promise<readonly SourceRecord[]> {
  const listed: { sources: readonly SourceRecord[] } = JSON.parse(
    await otpgate.require(['source', 'list', name, '--json']),
  )
  return listed.sources
}

/** ssh options that make another loopback address the client's. */
export const FROM_ELSEWHERE = ['BindAddress=127.0.0.2'] as const
