import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRawDatabase } from '../support/audit-record.ts'
import { enrollPerson } from '../support/enrolled-person.ts'
import { canRunEndToEnd } from '../support/host-requirement.ts'
import { type OtpgateHost, openOtpgateHost } from '../support/otpgate-host.ts'
import { requireTool } from '../support/run-tool.ts'
import {
  type BrokenHost,
  describeTree,
  expectAccepted,
  expectDenied,
  openBrokenHost,
} from './broken-host.ts'

const STRANGER = 4242
const STORE = 5
const KEY = 6
const CONFIG = 7

interface Break {
  readonly what: string
  /** What the log says, and with which status the admin's command ends. */
  readonly code: string
  readonly status: number
  readonly wreck: (broken: BrokenHost) => void
}

const DATABASE: readonly Break[] = [
  {
    what: 'is missing',
    code: 'ERR_STORE_MISSING',
    status: STORE,
    wreck: ({ otpgate }) => rmSync(otpgate.databaseFile),
  },
  {
    what: 'is missing with its directory',
    code: 'ERR_STORE_MISSING',
    status: STORE,
    wreck: ({ otpgate }) => rmSync(dirname(otpgate.databaseFile), { recursive: true }),
  },
  {
    what: 'is empty',
    code: 'ERR_STORE_CORRUPT',
    status: STORE,
    wreck: ({ otpgate }) => truncateSync(otpgate.databaseFile, 0),
  },
  {
    what: 'is cut in two',
    code: 'ERR_STORE_CORRUPT',
    status: STORE,
    wreck: ({ otpgate }) => truncateSync(otpgate.databaseFile, 20_000),
  },
  {
    what: 'is something else',
    code: 'ERR_STORE_CORRUPT',
    status: STORE,
    wreck: ({ otpgate }) => writeFileSync(otpgate.databaseFile, 'garbage\n'.repeat(9000)),
  },
  {
    what: 'is of a newer schema',
    code: 'ERR_STORE_SCHEMA',
    status: STORE,
    wreck: (broken) => tamper(broken, 'PRAGMA user_version = 99'),
  },
  {
    what: 'is a directory',
    code: 'ERR_STORE_PERMISSION',
    status: STORE,
    wreck: ({ otpgate }) => replaceBy(otpgate.databaseFile, (path) => mkdirSync(path)),
  },
  {
    what: 'is a FIFO',
    code: 'ERR_STORE_PERMISSION',
    status: STORE,
    wreck: ({ otpgate }) => replaceBy(otpgate.databaseFile, makeFifo),
  },
  {
    what: 'is a symlink',
    code: 'ERR_STORE_PERMISSION',
    status: STORE,
    wreck: ({ otpgate }) => replaceByLink(otpgate.databaseFile),
  },
  {
    what: 'belongs to somebody else',
    code: 'ERR_STORE_PERMISSION',
    status: STORE,
    wreck: ({ otpgate }) => chownSync(otpgate.databaseFile, STRANGER, STRANGER),
  },
  {
    what: 'is in a directory of somebody else',
    code: 'ERR_STORE_PERMISSION',
    status: STORE,
    wreck: ({ otpgate }) => chownSync(dirname(otpgate.databaseFile), STRANGER, STRANGER),
  },
  {
    what: 'is in a directory where everybody may write',
    code: 'ERR_STORE_PERMISSION',
    status: STORE,
    wreck: ({ otpgate }) => chmodSync(dirname(otpgate.databaseFile), 0o1777),
  },
  ...['wal', 'shm', 'journal'].map((tail) => ({
    what: `has a -${tail} of somebody else`,
    code: 'ERR_STORE_PERMISSION',
    status: STORE,
    wreck: ({ otpgate }: BrokenHost) => {
      writeFileSync(`${otpgate.databaseFile}-${tail}`, '')
      chownSync(`${otpgate.databaseFile}-${tail}`, STRANGER, STRANGER)
    },
  })),
  {
    what: 'has a -wal that everybody may write',
    code: 'ERR_STORE_PERMISSION',
    status: STORE,
    wreck: ({ otpgate }) => {
      writeFileSync(`${otpgate.databaseFile}-wal`, '')
      chmodSync(`${otpgate.databaseFile}-wal`, 0o666)
    },
  },
]

const MASTER_KEY: readonly Break[] = [
  {
    what: 'is missing',
    code: 'ERR_KEY_MISSING',
    status: KEY,
    wreck: ({ keyFile }) => rmSync(keyFile),
  },
  {
    what: 'is empty',
    code: 'ERR_KEY_INVALID',
    status: KEY,
    wreck: ({ keyFile }) => truncateSync(keyFile, 0),
  },
  {
    what: 'is short',
    code: 'ERR_KEY_INVALID',
    status: KEY,
    wreck: ({ keyFile }) => truncateSync(keyFile, 31),
  },
  {
    what: 'is long',
    code: 'ERR_KEY_INVALID',
    status: KEY,
    wreck: ({ keyFile }) => appendFileSync(keyFile, '\n'),
  },
  {
    what: 'is another one',
    code: 'ERR_KEY_WRONG',
    status: KEY,
    wreck: ({ keyFile }) => writeFileSync(keyFile, readFileSync(keyFile).reverse()),
  },
  {
    what: 'may be read by all',
    code: 'ERR_KEY_PERMISSION',
    status: KEY,
    wreck: ({ keyFile }) => chmodSync(keyFile, 0o444),
  },
  {
    what: 'belongs to somebody else',
    code: 'ERR_KEY_PERMISSION',
    status: KEY,
    wreck: ({ keyFile }) => chownSync(keyFile, STRANGER, STRANGER),
  },
  {
    what: 'is a FIFO',
    code: 'ERR_KEY_PERMISSION',
    status: KEY,
    wreck: ({ keyFile }) => replaceBy(keyFile, makeFifo),
  },
  {
    what: 'is a symlink',
    code: 'ERR_KEY_PERMISSION',
    status: KEY,
    wreck: ({ keyFile }) => replaceByLink(keyFile),
  },
  {
    what: 'is a directory',
    code: 'ERR_KEY_PERMISSION',
    status: KEY,
    wreck: ({ keyFile }) => replaceBy(keyFile, (path) => mkdirSync(path)),
  },
]

const CONFIGURATION: readonly Break[] = [
  {
    what: 'is missing',
    code: 'ERR_CONFIG_UNREADABLE',
    status: CONFIG,
    wreck: ({ otpgate }) => rmSync(otpgate.configFile),
  },
  {
    what: 'has a typing error',
    code: 'ERR_CONFIG_INVALID',
    status: CONFIG,
    wreck: ({ otpgate }) => otpgate.configure('[totp]\nwindw = 1'),
  },
  {
    what: 'ends in the middle',
    code: 'ERR_CONFIG_INVALID',
    status: CONFIG,
    wreck: ({ otpgate }) => otpgate.configure('[totp]\nwindow ='),
  },
  {
    what: 'holds a NUL',
    code: 'ERR_CONFIG_INVALID',
    status: CONFIG,
    wreck: ({ otpgate }) => otpgate.configure('[totp]\nwindow = 1\0'),
  },
  {
    what: 'holds bytes that are no UTF-8',
    code: 'ERR_CONFIG_INVALID',
    status: CONFIG,
    wreck: ({ otpgate }) => appendFileSync(otpgate.configFile, Buffer.from('# \xff\n', 'latin1')),
  },
  {
    what: 'is UTF-16',
    code: 'ERR_CONFIG_INVALID',
    status: CONFIG,
    wreck: ({ otpgate }) => {
      const text = `\ufeff${readFileSync(otpgate.configFile, 'utf8')}`
      writeFileSync(otpgate.configFile, Buffer.from(text, 'utf16le'))
    },
  },
  {
    what: 'is too large',
    code: 'ERR_CONFIG_UNREADABLE',
    status: CONFIG,
    wreck: ({ otpgate }) => otpgate.configure(`#${'x'.repeat(300_000)}`),
  },
  {
    what: 'may be written by all',
    code: 'ERR_CONFIG_UNREADABLE',
    status: CONFIG,
    wreck: ({ otpgate }) => chmodSync(otpgate.configFile, 0o666),
  },
  {
    what: 'belongs to somebody else',
    code: 'ERR_CONFIG_UNREADABLE',
    status: CONFIG,
    wreck: ({ otpgate }) => chownSync(otpgate.configFile, STRANGER, STRANGER),
  },
  {
    what: 'is a FIFO',
    code: 'ERR_CONFIG_UNREADABLE',
    status: CONFIG,
    wreck: ({ otpgate }) => replaceBy(otpgate.configFile, makeFifo),
  },
  {
    what: 'is in a directory of somebody else',
    code: 'ERR_CONFIG_UNREADABLE',
    status: CONFIG,
    wreck: ({ directory }) => chownSync(directory, STRANGER, STRANGER),
  },
]

function tamper({ otpgate }: BrokenHost, sql: string): void {
  const db = openRawDatabase(otpgate)
  db.exec(sql)
  db.close()
}

function replaceBy(path: string, make: (path: string) => void): void {
  rmSync(path)
  make(path)
}

function replaceByLink(path: string): void {
  renameSync(path, `${path}.real`)
  symlinkSync(`${path}.real`, path)
}

function makeFifo(path: string): void {
  requireTool('mkfifo', ['-m', '600', path])
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

  async function expectBrokenUntilMended({ code, status, wreck }: Break): Promise<void> {
    const { otpgate, person, verify, directory } = broken
    try {
      wreck(broken)
      const before = describeTree(directory)
      await expectDenied(verify, person, code)
      const shown = await otpgate.run(['show', person.name])
      expect({ ...shown, stderr: '' }).toMatchObject({ status, stdout: '' })
      expect(shown.stderr).toMatch(/^otpgate: /)
      expect(describeTree(directory)).toEqual(before)
    } finally {
      broken.mend()
    }
    await expectAccepted(verify, person)
    broken.mend()
  }

  test.each(DATABASE)('works once it is mended: the database $what', expectBrokenUntilMended)

  test.each(MASTER_KEY)('works once it is mended: the key $what', expectBrokenUntilMended)

  test.each(CONFIGURATION)(
    'works once it is mended: the configuration $what',
    expectBrokenUntilMended,
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
