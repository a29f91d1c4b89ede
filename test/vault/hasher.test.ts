import * as argon2 from 'argon2'
import { describe, expect, test } from 'vitest'
import { type Argon2Functions, createHasher } from '../../src/vault/hasher.ts'

const SECRET = '8ZK3M4QWRT7X'

/** The real argon2, and how often it was loaded and asked to hash or verify, with which hash. */
function countedArgon2() {
  const seen = { loads: 0, hashes: 0, verified: [] as string[] }
  const counted = {
    argon2id: argon2.argon2id,
    hash: (secret: string, options: object) => {
      seen.hashes++
      return argon2.hash(secret, options)
    },
    verify: (hash: string, secret: string) => {
      seen.verified.push(hash)
      return argon2.verify(hash, secret)
    },
  } as Argon2Functions
  const load = async () => {
    seen.loads++
    return counted
  }
  return { seen, load }
}

describe('a hasher', () => {
  test('verifies what it hashed, and nothing else', async () => {
    const hasher = createHasher()
    const hash = await hasher.hash(SECRET)
    expect(await hasher.verify(hash, SECRET)).toBe(true)
    expect(await hasher.verify(hash, '8ZK3M4QWRT7Y')).toBe(false)
    expect(await hasher.verify(hash, '')).toBe(false)
  })

  test('writes argon2id with 19 MiB, two passes and one lane, salted anew each time', async () => {
    const hasher = createHasher()
    const first = await hasher.hash(SECRET)
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,(t=2,p=1|p=1,t=2)\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(await hasher.hash(SECRET)).not.toBe(first)
  })

  test('spends exactly one hash of the same cost where there is nothing to compare with', async () => {
    const { seen, load } = countedArgon2()
    const hasher = createHasher(load)
    expect(await hasher.verify(undefined, SECRET)).toBe(false)
    expect(seen.hashes).toBe(0)
    expect(seen.verified).toEqual([expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)])
  })

  test('never says yes where there is nothing to compare with, whatever argon2 answers', async () => {
    const yes = { ...argon2, verify: async () => true }
    expect(await createHasher(async () => yes).verify(undefined, SECRET)).toBe(false)
  })

  test('spends exactly one hash where there is one', async () => {
    const { seen, load } = countedArgon2()
    const hasher = createHasher(load)
    const hash = await hasher.hash(SECRET)
    await hasher.verify(hash, SECRET)
    expect({ hashes: seen.hashes, verified: seen.verified }).toEqual({
      hashes: 1,
      verified: [hash],
    })
  })

  test('loads argon2 at the first call, not before', async () => {
    const { seen, load } = countedArgon2()
    const hasher = createHasher(load)
    expect(seen.loads).toBe(0)
    await hasher.verify(undefined, SECRET)
    expect(seen.loads).toBe(1)
  })

  test.each([
    { flaw: 'nothing in it', hash: '' },
    { flaw: 'a plain secret', hash: SECRET },
    { flaw: '4 GiB of memory', hash: phc('argon2id', 'm=4194304,t=2,p=1') },
    { flaw: 'more passes', hash: phc('argon2id', 'm=19456,t=4000000000,p=1') },
    { flaw: 'less memory', hash: phc('argon2id', 'm=8,t=2,p=1') },
    { flaw: 'another algorithm', hash: phc('argon2i', 'm=19456,t=2,p=1') },
    { flaw: 'bound data', hash: phc('argon2id', 'm=19456,t=2,p=1,data=AAAA') },
    { flaw: 'a short hash', hash: phc('argon2id', 'm=19456,t=2,p=1').slice(0, -20) },
    { flaw: 'a newline behind', hash: `${phc('argon2id', 'm=19456,t=2,p=1')}\n` },
  ])('refuses a stored hash with $flaw before any work is done', async ({ hash }) => {
    const { seen, load } = countedArgon2()
    const verdict = createHasher(load).verify(hash, SECRET)
    await expect(verdict).rejects.toMatchObject({ code: 'ERR_SEALED_INVALID' })
    expect(seen).toEqual({ loads: 0, hashes: 0, verified: [] })
  })
})

function phc(algorithm: string, parameters: string): string {
  return `$${algorithm}$v=19$${parameters}$${'A'.repeat(22)}$${'A'.repeat(43)}`
}
