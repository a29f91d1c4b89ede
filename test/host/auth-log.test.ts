import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createAuthLog } from '../../src/host/auth-log.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

/** What goes into a pipe for `line`. */
function logToPipe(line: string): string {
  spawnSync('/usr/bin/mkfifo', [scratch('pipe')])
  const fd = openSync(scratch('pipe'), 'r+')
  try {
    createAuthLog(fd)('notice', line)
    createAuthLog(fd)('info', 'end')
    const bytes = Buffer.alloc(8192)
    return bytes.subarray(0, readSync(fd, bytes)).toString()
  } finally {
    closeSync(fd)
  }
}

describe('the line for the authpriv log', () => {
  test('goes to the pipe with its priority, on a line of its own', () => {
    expect(logToPipe('denied user=alice')).toBe('notice denied user=alice\ninfo end\n')
  })

  test('stays one line of ASCII whatever is in it', () => {
    expect(logToPipe('a\nb\u001b[31mc\u00e9')).toBe('notice a?b?[31mc?\ninfo end\n')
  })

  test('is cut where it is too long for a syslog server', () => {
    expect(logToPipe('x'.repeat(5000)).split('\n')[0]).toHaveLength('notice '.length + 1000)
  })

  test('is dropped where no pipe is open, or where it is something else', () => {
    expect(() => createAuthLog(999)('info', 'lost')).not.toThrow()
    const fd = openSync(scratch('file'), 'w')
    createAuthLog(fd)('info', 'lost')
    closeSync(fd)
    expect(readFileSync(scratch('file'), 'utf8')).toBe('')
  })
})
