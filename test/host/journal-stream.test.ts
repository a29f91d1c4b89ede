import { closeSync, fstatSync, openSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { isJournalStream } from '../../src/host/journal-stream.ts'

/** A descriptor, and the name that systemd would give it. */
function openOutput() {
  const fd = openSync('/dev/null', 'w')
  onTestFinished(() => closeSync(fd))
  const { dev, ino } = fstatSync(fd, { bigint: true })
  return { fd, dev, ino }
}

test('the journal is where systemd says that this very descriptor leads to it', () => {
  const { fd, dev, ino } = openOutput()
  expect(isJournalStream(fd, { JOURNAL_STREAM: `${dev}:${ino}` })).toBe(true)
})

test('the journal is nowhere else: the variable may be of whoever started us', () => {
  const { fd, dev, ino } = openOutput()
  for (const JOURNAL_STREAM of [undefined, '', `${dev}:${ino + 1n}`, `${dev + 1n}:${ino}`]) {
    expect(isJournalStream(fd, { JOURNAL_STREAM })).toBe(false)
  }
  expect(isJournalStream(999_999, { JOURNAL_STREAM: `${dev}:${ino}` })).toBe(false)
})
