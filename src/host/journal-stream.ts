import { fstatSync } from 'node:fs'

/** What systemd says about where the output of a service goes (systemd.exec(5)). */
export interface JournalEnvironment {
  /** `device:inode` of the socket. */
  readonly JOURNAL_STREAM?: string | undefined
}

/** Whether `fd` leads to systemd's journal: the variable alone is inherited by whatever is started. */
export function isJournalStream(fd: number, { JOURNAL_STREAM }: JournalEnvironment): boolean {
  if (JOURNAL_STREAM === undefined) return false
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true })
    return JOURNAL_STREAM === `${dev}:${ino}`
  } catch {
    return false
  }
}
