import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createDeadline } from '../../src/host/deadline.ts'
import { readStdinSecret } from '../../src/host/stdin-secret.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

function readFrom(path: string): Buffer {
  const fd = openSync(path, 'r')
  try {
    return readStdinSecret(fd)
  } finally {
    closeSync(fd)
  }
}

/** A pipe with a name, open on both ends, whose reading end does not block. */
function openPipe(): { reader: number; writer: number } {
  const path = scratch('pipe')
  spawnSync('mkfifo', ['-m', '600', path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return { reader, writer: openSync(path, constants.O_WRONLY) }
}

test.each([
  { what: 'nothing', bytes: Buffer.alloc(0) },
  { what: 'a code', bytes: Buffer.from('123456') },
  { what: 'a NUL at the end', bytes: Buffer.from('123456\0') },
  { what: 'bytes that are no text', bytes: Buffer.from([0xff, 0x00, 0x0a, 0x80]) },
  { what: '511 bytes', bytes: Buffer.alloc(511, 'x') },
])('hands out $what as it came', ({ bytes }) => {
  writeFileSync(scratch('answer'), bytes)
  expect(readFrom(scratch('answer')).equals(bytes)).toBe(true)
})

test('takes no more than 512 bytes', () => {
  writeFileSync(scratch('answer'), Buffer.alloc(10_000, 'x'))
  expect(readFrom(scratch('answer')).length).toBe(512)
})

test('is empty where stdin is /dev/null, as without expose_authtok', () => {
  expect(readFrom('/dev/null').length).toBe(0)
})

test('puts together what a pipe gives in pieces', () => {
  const { reader, writer } = openPipe()
  const pieces = ['12', '34', '56']
  const deadline = {
    remaining: () => 1,
    assertOpen: () => {
      const piece = pieces.shift()
      if (piece === undefined) closeSync(writer)
      else writeSync(writer, piece)
    },
  }
  expect(readStdinSecret(reader, deadline).toString()).toBe('123456')
  closeSync(reader)
})

test('gives up at the deadline on a pipe that stays silent', () => {
  const { reader, writer } = openPipe()
  const ticks = [0, 500, 999, 1000].values()
  const deadline = createDeadline(1000, () => ticks.next().value ?? 1000)
  expect(errorCodeOf(() => readStdinSecret(reader, deadline))).toBe('ERR_DEADLINE')
  closeSync(reader)
  closeSync(writer)
})

test('refuses a descriptor that cannot be read', () => {
  expect(errorCodeOf(() => readStdinSecret(9999))).toBe('ERR_PAM_ENVIRONMENT')
})
