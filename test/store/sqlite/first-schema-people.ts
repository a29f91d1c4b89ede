import type Database from 'better-sqlite3'
import type { UnixSeconds } from '../../../src/base/time.ts'
import { INITIAL_SCHEMA } from '../../../src/store/sqlite/migrations/0001-initial.ts'
import { at } from '../sample.ts'
import { initFile, openRaw, tamper } from './sqlite-file.ts'

/** One person as the first schema kept them. */
export interface FirstPerson {
  readonly name: string
  readonly what: string
  readonly override?: string
  readonly lastLoginAt?: UnixSeconds
  readonly devices?: readonly {
    readonly confirmedAt?: UnixSeconds
    readonly countsUnconfirmed?: true
    readonly createdAt?: UnixSeconds
  }[]
  readonly codes?: number
  /** Since when the person counts as enrolled now; `undefined`: never was. */
  readonly enrolledAt: UnixSeconds | undefined
}

const CREATED = at(10)

/** People of every state there was. */
export const FIRST_PEOPLE: readonly FirstPerson[] = [
  {
    name: 'ann',
    what: 'confirmed her device',
    devices: [{ confirmedAt: at(20) }],
    lastLoginAt: at(90),
    codes: 10,
    enrolledAt: at(20),
  },
  {
    name: 'ben',
    what: 'has a device that counts at once',
    devices: [{ countsUnconfirmed: true, createdAt: at(15) }],
    enrolledAt: at(15),
  },
  {
    name: 'cas',
    what: 'confirmed the second of two devices',
    devices: [{ createdAt: at(11) }, { createdAt: at(30), confirmedAt: at(40) }],
    codes: 3,
    enrolledAt: at(40),
  },
  {
    name: 'dan',
    what: 'began an enrolment and never finished it',
    devices: [{ createdAt: at(10) }],
    enrolledAt: undefined,
  },
  {
    name: 'eve',
    what: 'has recovery codes and no device that counts',
    devices: [{ createdAt: at(10) }],
    codes: 10,
    enrolledAt: CREATED,
  },
  {
    name: 'fay',
    what: 'has logged in, with no device left that counts',
    devices: [{ createdAt: at(10) }],
    lastLoginAt: at(50),
    enrolledAt: at(50),
  },
  { name: 'gus', what: 'was reset', override: 'must-enroll', enrolledAt: CREATED },
  {
    name: 'hal',
    what: 'was reset and has begun anew',
    override: 'must-enroll',
    devices: [{ createdAt: at(60) }],
    enrolledAt: CREATED,
  },
  { name: 'ida', what: 'has an account and nothing else', enrolledAt: CREATED },
]

/** Failures, and the wait they led to: seconds after the fixed moment of `at`. */
export const FIRST_THROTTLE = { failures: 9, from: 100, until: 3700 }

/** A database as the first schema's program left it, written past the store. */
export function writeFirstSchema(path: string): void {
  initFile(`${path}.newer`)
  tamper(path, (db) => {
    db.exec(INITIAL_SCHEMA)
    db.pragma('user_version = 1')
    copyMeta(db, `${path}.newer`)
    for (const person of FIRST_PEOPLE) writePerson(db, person)
    db.prepare("INSERT INTO ticket VALUES ('ann', ?, 'totp', ?)").run('0'.repeat(64), at(240))
    db.prepare("INSERT INTO counted_denial VALUES ('ann', 'throttled', 1, 2, 3)").run()
  })
}

/** Key check, audit key and head, and the number by which the file is known. */
function copyMeta(db: Database.Database, from: string): void {
  const newer = openRaw(from)
  const id = newer.pragma('application_id', { simple: true })
  const rows = newer.prepare('SELECT key, value FROM meta').raw().all()
  newer.close()
  db.pragma(`application_id = ${id}`)
  for (const row of rows) db.prepare('INSERT INTO meta VALUES (?, ?)').run(row)
}

function writePerson(db: Database.Database, person: FirstPerson): void {
  const { name, override, lastLoginAt, devices = [], codes = 0 } = person
  const { failures, from, until } = FIRST_THROTTLE
  const throttle = JSON.stringify([failures, [at(1), at(2)], at(from), at(until)])
  db.prepare('INSERT INTO account VALUES (?, 1000, ?, ?, ?, ?, ?, ?)').run(
    ...[name, override ?? null, override === undefined ? null : 'lost phone'],
    ...[throttle, '[0,[],null,null]', CREATED, lastLoginAt ?? null],
  )
  devices.forEach(({ confirmedAt, countsUnconfirmed, createdAt }, index) => {
    const mark = confirmedAt === undefined ? null : 59_666_666
    db.prepare(
      `INSERT INTO device VALUES (?, ?, ?, 'totp', 'SHA256', 8, 60, ?, '00112233', ?, ?, ?, ?, ?)`,
    ).run(
      ...[`device ${index} of ${name}`, name, `phone ${index}`, Buffer.from([index, 0, 255])],
      ...[mark, createdAt ?? CREATED, confirmedAt ?? null, countsUnconfirmed ? 1 : 0],
      confirmedAt ?? null,
    )
  })
  for (let index = 0; index < codes; index++) {
    db.prepare(
      "INSERT INTO one_time_code VALUES (?, ?, 'recovery', ?, 'hash', ?, NULL, ?, NULL)",
    ).run(`code ${index} of ${name}`, name, `SEL${index}`, CREATED, index % 2)
  }
}
