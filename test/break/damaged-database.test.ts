import { readFileSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, test } from 'vitest'
import { NATIVE_BINDING } from '../store/sqlite/sqlite-file.ts'
import { NOW } from '../support/account-fixture.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { MODES, reasonOf, type StoredAlice, storeAlice } from './stored-alice.ts'

const PAGE_BYTES = 4096
/** Of the places where bits are flipped; the layout of the file is the same in each run. */
const SEED = 20_261_122
const FLIPS = 240

/** A linear congruential generator (Numerical Recipes): numbers from 0 up to, not including, 1. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

// Whoever is not enrolled is let in here: an account that is lost would open the door.
const TOML = '[policy]\nunenrolled = "allow"\n'

describe('a damaged database', () => {
  const path = useScratchDirectory()
  let alice: StoredAlice
  let right: string
  let wrong: string

  beforeEach(async () => {
    alice = await storeAlice(path, { toml: TOML, mintCodes: true })
    right = alice.codeAt(NOW)
    // Her neighbouring steps are right as well.
    const taken = [alice.codeAt(NOW - 30), right, alice.codeAt(NOW + 30)]
    wrong = ['000000', '111111', '222222', '333333'].find((code) => !taken.includes(code)) ?? ''
  })

  /** The file is put in the database's place anew for each mode. */
  async function expectRefusal(bytes: Buffer, code: string): Promise<void> {
    for (const args of MODES) {
      alice.restore()
      writeFileSync(alice.databaseFile, bytes)
      const run = await alice.run({ args, answer: right })
      expect({ admitted: run.isAdmitted, reason: reasonOf(run) }).toEqual({
        admitted: false,
        reason: code,
      })
      expect(run.logged).toHaveLength(1)
      expect(readFileSync(alice.databaseFile).equals(bytes)).toBe(true)
    }
  }

  /** The same code: nothing that was refused has used it up. */
  async function expectMended(): Promise<void> {
    alice.restore()
    expect(await alice.run({ args: ['--excused'] })).toMatchObject({ isAdmitted: false })
    expect(await alice.run({ answer: right })).toMatchObject({ isAdmitted: true })
  }

  test('cut at any length lets nobody in, is left as it is, and works once it is put back', async () => {
    const lastPage = alice.image.length - PAGE_BYTES
    const halves = Array.from({ length: lastPage / 2048 }, (_, index) => index * 2048)
    const odd = halves.flatMap((size) => [size + 1, size + 1024])
    const sizes = [...halves, ...odd, 16, 99, 100, 512, lastPage]
    expect(sizes.length).toBeGreaterThan(60)
    for (const size of sizes) {
      await expectRefusal(alice.image.subarray(0, size), 'ERR_STORE_CORRUPT')
    }
    await expectMended()
  })

  test('with its last page cut works as before or denies by an error', async () => {
    // SQLite counts a page that has begun, and reads zeros for what is not there.
    for (const missing of [1, 100, 1024, PAGE_BYTES - 1]) {
      const size = alice.image.length - missing
      await expectHarmless(alice.image.subarray(0, size), `cut to ${size}`)
    }
  })

  test('with garbage in the place of the first page lets nobody in', async () => {
    const random = createRandom(SEED)
    const noise = Buffer.from(Array.from({ length: PAGE_BYTES }, () => random() * 256))
    for (const page of [noise, Buffer.alloc(PAGE_BYTES), Buffer.alloc(PAGE_BYTES, 0xff)]) {
      const rest = alice.image.subarray(PAGE_BYTES)
      await expectRefusal(Buffer.concat([page, rest]), 'ERR_STORE_CORRUPT')
    }
    await expectMended()
  })

  test('with any page emptied or overwritten never says yes to a wrong code, nor excuses', async () => {
    for (let start = PAGE_BYTES; start < alice.image.length; start += PAGE_BYTES) {
      for (const filler of [0x00, 0xff]) {
        const bytes = Buffer.from(alice.image).fill(filler, start, start + PAGE_BYTES)
        await expectHarmless(bytes, `page at ${start} filled with ${filler}`)
      }
    }
    await expectMended()
  })

  test(`with a bit flipped, at ${FLIPS} places, works as before or denies by an error`, async () => {
    const random = createRandom(SEED)
    const used = [...alice.image.keys()].filter((at) => at > PAGE_BYTES && alice.image[at] !== 0)
    const verdicts = new Map<string, number>()
    for (let flip = 0; flip < FLIPS; flip++) {
      const anywhere = Math.floor(random() * alice.image.length)
      const at = flip % 4 === 0 ? anywhere : (used[Math.floor(random() * used.length)] ?? 0)
      const bytes = Buffer.from(alice.image)
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at)
      const verdict = await expectHarmless(bytes, `a bit of byte ${at}`)
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
    }
    // Both ways have been seen: the flips did meet something, and not everything.
    expect(verdicts.get('accepted')).toBeGreaterThan(10)
    expect(verdicts.get('ERR_STORE_CORRUPT')).toBeGreaterThan(10)
    expect(verdicts.get('ERR_SEALED_INVALID')).toBeGreaterThan(2)
    await expectMended()
  })

  /** What becomes of the right code: `accepted`, or why not. */
  async function expectHarmless(bytes: Buffer, what: string): Promise<string> {
    alice.restore()
    writeFileSync(alice.databaseFile, bytes)
    for (const { args, answer } of [
      { args: ['--excused'], answer: '' },
      { args: ['--account'], answer: '' },
      { args: [], answer: wrong },
    ]) {
      const run = await alice.run({ args, answer })
      expect(run.isAdmitted, `${what}, ${args.join()} ${answer}`).toBe(false)
    }
    const run = await alice.run({ answer: right })
    const verdict = run.isAdmitted ? 'accepted' : (reasonOf(run) ?? 'nothing')
    // A changed uid is named in the log as what it is. A device is found by an index alone: one that
    // is no longer in there is denied as one that was removed, and never excused.
    const known = /^(accepted|ERR_(STORE|SEALED|KEY)_[A-Z]+|uid-changed|not-enrolled)$/
    expect(verdict, what).toMatch(known)
    return verdict
  }

  test.each([
    {
      what: 'account row is gone',
      sql: "PRAGMA foreign_keys = OFF; DELETE FROM account WHERE name = 'alice'",
    },
    {
      what: 'account row has another name',
      sql: "PRAGMA foreign_keys = OFF; UPDATE account SET name = 'elice' WHERE name = 'alice'",
    },
  ])('whose $what is an error, not somebody who was never known', async ({ sql }) => {
    tamper(sql)
    for (const args of MODES) {
      const run = await alice.run({ args, answer: right })
      expect(run.isAdmitted).toBe(false)
      expect(reasonOf(run)).toBe('ERR_STORE_CORRUPT')
    }
  })

  test.each([
    { column: 'algorithm', value: "'SHA256'", code: 'ERR_SEALED_INVALID' },
    { column: 'digits', value: '7', code: 'ERR_SEALED_INVALID' },
    { column: 'period_seconds', value: 'period_seconds | 1', code: 'ERR_SEALED_INVALID' },
    { column: 'period_seconds', value: '0', code: 'ERR_STORE_CORRUPT' },
    { column: 'period_seconds', value: '-30', code: 'ERR_STORE_CORRUPT' },
  ])('whose $column of a device is $value says so, and does not call the right code wrong', async ({
    column,
    value,
    code,
  }) => {
    tamper(`UPDATE device SET ${column} = ${value}`)
    const run = await alice.run({ answer: right })
    expect([run.isAdmitted, reasonOf(run)]).toEqual([false, code])
    expect(run.logged).toMatchObject([{ priority: 'err' }])
    await expectMended()
  })

  test('whose device is of a kind that there is not says so', async () => {
    tamper("UPDATE device SET kind = 'hotp'")
    const run = await alice.run({ answer: right })
    expect([run.isAdmitted, reasonOf(run)]).toEqual([false, 'ERR_STORE_CORRUPT'])
  })

  test('whose devices have disappeared without a trace excuses nobody', async () => {
    tamper("DELETE FROM device WHERE account = 'alice'; DELETE FROM one_time_code")
    for (const args of MODES) {
      expect(await alice.run({ args, answer: right })).toMatchObject({ isAdmitted: false })
    }
  })

  test('that somebody else has locked denies, also before the question, and works afterwards', async () => {
    const holder = openRaw()
    holder.exec('BEGIN IMMEDIATE')
    const writer = await alice.run({ answer: right })
    expect([writer.isAdmitted, reasonOf(writer)]).toEqual([false, 'ERR_STORE_LOCKED'])
    expect(await alice.run({ args: ['--excused'] })).toMatchObject({ isAdmitted: false })
    holder.exec('ROLLBACK')
    holder.pragma('locking_mode = EXCLUSIVE')
    holder.exec('BEGIN EXCLUSIVE')
    for (const args of MODES) {
      const run = await alice.run({ args, answer: right })
      expect([run.isAdmitted, reasonOf(run)]).toEqual([false, 'ERR_STORE_LOCKED'])
    }
    holder.close()
    expect(await alice.run({ answer: right })).toMatchObject({ isAdmitted: true })
  })

  function tamper(sql: string): void {
    const db = openRaw()
    db.exec(sql)
    db.close()
  }

  function openRaw(): Database.Database {
    return new Database(alice.databaseFile, { nativeBinding: NATIVE_BINDING })
  }
})
