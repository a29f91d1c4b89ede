import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DIRECTORY_PREFIX } from '../../support/host-scope.ts'
import { canRunClient, compileSupport } from './client-program.ts'

/** FIPS 180-4's examples, and those of NIST's page "Examples with Intermediate Values". */
const VECTORS = [
  {
    what: 'nothing',
    message: '',
    digest: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  },
  {
    what: 'one block',
    message: 'abc',
    digest: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  },
  {
    what: 'two blocks',
    message: 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    digest: '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  },
  {
    what: 'a million bytes',
    message: 'a'.repeat(1_000_000),
    digest: 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
  },
] as const

describe.skipIf(!canRunClient())("the client's SHA-256", () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-`))
    compileSupport('digest.c', join(directory, 'digest'), ['-O2', '-fsanitize=address,undefined'])
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  function digestOf(message: string | Buffer): string {
    return spawnSync(join(directory, 'digest'), { input: message, encoding: 'utf8' }).stdout
  }

  test.each(VECTORS)('of $what is that of FIPS 180-4', ({ message, digest }) => {
    expect(digestOf(message)).toBe(digest)
  })

  test('is right on both sides of every border of a block', () => {
    for (const length of [1, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 127, 128, 129]) {
      const message = Buffer.alloc(length, 0xa5)
      expect(digestOf(message)).toBe(createHash('sha256').update(message).digest('hex'))
    }
  })
})
