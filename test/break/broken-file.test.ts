import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRawDatabase } from '../support/audit-record.ts'
import { enrollPerson } from '../support/enrolled-person.ts'
import { canRunEndToEnd } from '../support/host-requirement.ts'
import { IS_DAEMON_FRONT, type OtpgateHost, openOtpgateHost } from '../support/otpgate-host.ts'
import { BROKEN_CONFIGURATIONS, BROKEN_DATABASES, BROKEN_KEYS, type Breakage } from './breakage.ts'
import {
  type BrokenHost,
  describeTree,
  expectAccepted,
  expectDenied,
  openBrokenHost,
  tamper,
} from './broken-host.ts'

const STORE = 5
const PROBLEMS = 9
const PAGE_BYTES = 4096
/** In the header of a page, which counts its cells, and in the first of these: a page fills from its end. */
const IN_PAGE = [4, PAGE_BYTES - 40] as const
const FLIPPED_BITS = 0x41

/**
 * But for the database, which a daemon may still have open: when it lets go it writes its log into it,
 * and takes away what lies beside it.
 */
function describeFiles(directory: string): readonly string[] {
  const isOfDaemon = (name: string) => IS_DAEMON_FRONT && name.startsWith('otpgate.db')
  return describeTree(directory, (name) => !isOfDaemon(name))
}

describe.skipIf(!canRunEndToEnd())('what is broken denies the right code, says why, and', () => {
  let host: OtpgateHost
  let broken: BrokenHost

  beforeAll(async () => {
    host = openOtpgateHost()
    broken = await openBrokenHost(host)
  })

  afterAll(() => {
    broken?.close()
    host?.close()
  })

  async function expectBrokenUntilMended({ code, status, wreck }: Breakage): Promise<void> {
    const { otpgate, person, verify, directory } = broken
    try {
      wreck(broken)
      const before = describeFiles(directory)
      await expectDenied(verify, person, code)
      const shown = await otpgate.run(['show', person.name])
      expect({ ...shown, stderr: '' }).toMatchObject({ status, stdout: '' })
      expect(shown.stderr).toMatch(/^otpgate: /)
      expect(describeFiles(directory)).toEqual(before)
    } finally {
      broken.mend()
    }
    await expectAccepted(verify, person)
    broken.mend()
  }

  test.each(BROKEN_DATABASES)(
    'works once it is mended: the database $what',
    expectBrokenUntilMended,
  )

  // What a daemon has read it keeps: here it starts on what is broken.
  test.each([
    ...BROKEN_KEYS.map((breakage) => ({ ...breakage, what: `key ${breakage.what}` })),
    ...BROKEN_CONFIGURATIONS.map((each) => ({ ...each, what: `configuration ${each.what}` })),
  ])('works once it is mended: the $what', async (breakage) => {
    const wreck = (host: BrokenHost) => {
      breakage.wreck(host)
      host.otpgate.daemon?.restart()
    }
    await expectBrokenUntilMended({ ...breakage, wreck })
  })

  test.skipIf(IS_DAEMON_FRONT)(
    'bits flipped in the database end every command that reads with its results or status 5',
    async () => {
      const { otpgate, person, databaseFile } = broken
      const whole = readFileSync(databaseFile)
      const statuses = new Map<number | undefined, number>()
      const pages = [...Array(whole.length / PAGE_BYTES).keys()].slice(1)
      for (const at of pages.flatMap((page) =>
        IN_PAGE.map((offset) => page * PAGE_BYTES + offset),
      )) {
        const bytes = Buffer.from(whole)
        bytes.writeUInt8(bytes.readUInt8(at) ^ FLIPPED_BITS, at)
        writeFileSync(databaseFile, bytes)
        for (const command of [['list'], ['show', person.name], ['audit'], ['audit', 'verify']]) {
          const { status, stderr } = await otpgate.run(command)
          const where = `${command.join(' ')}, flipped at ${at}`
          expect([0, 3, STORE, PROBLEMS], where).toContain(status)
          expect(stderr, where).not.toContain('internal error')
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
        }
        broken.mend()
      }
      expect(statuses.get(0)).toBeGreaterThan(0)
      expect(statuses.get(STORE)).toBeGreaterThan(10)
    },
  )

  test('a byte order mark before the configuration is none of it', async () => {
    const { otpgate, person, verify } = broken
    const text = readFileSync(otpgate.configFile, 'utf8')
    writeFileSync(otpgate.configFile, `\ufeff${text}`)
    await expectAccepted(verify, person)
    broken.mend()
  })

  test('a secret copied into the row of another person does not open', async () => {
    const { otpgate, person, verify } = broken
    const thief = await enrollPerson(otpgate, host.addUser())
    copyFileSync(otpgate.databaseFile, `${otpgate.databaseFile}.kept`)
    tamper(
      broken,
      `UPDATE device SET period_seconds = (SELECT period_seconds FROM device WHERE account = '${thief.name}'),
         sealed_secret = (SELECT sealed_secret FROM device WHERE account = '${thief.name}')
       WHERE account = '${person.name}'`,
    )
    const { status, logged } = await verify([], '123456')
    expect(status).toBe(1)
    expect(logged).toEqual([expect.stringContaining(' reason=ERR_SEALED_INVALID ')])
    expect(await otpgate.run(['qr', person.name])).toMatchObject({ status: STORE })
    broken.mend()
  })

  test('a database that another process holds is waited for, then named', async () => {
    const { otpgate, person } = broken
    const db = openRawDatabase(otpgate)
    db.exec('BEGIN IMMEDIATE')
    const started = performance.now()
    const reset = await otpgate.run(['reset', person.name, '--yes'])
    db.exec('ROLLBACK')
    db.close()
    expect(reset.status).toBe(STORE)
    expect(reset.stderr).toContain('locked by another process')
    expect(performance.now() - started).toBeLessThan(25_000)
    expect(await otpgate.run(['reset', person.name, '--yes'])).toMatchObject({ status: 0 })
    broken.mend()
  })
})
