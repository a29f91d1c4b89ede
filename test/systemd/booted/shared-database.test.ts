import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { codeOf } from '../../support/enrolled-person.ts'
import { requireTool } from '../../support/run-tool.ts'
import { readUnit } from '../unit-tree.ts'
import { describeBooted } from './describe-booted.ts'
import { addPerson, askDaemon, otpgate, removePerson } from './installed-person.ts'
import { propertyOf, systemctl } from './unit-control.ts'

const DATABASE = '/var/lib/otpgate/otpgate.db'
const UNIT = '/run/systemd/system/otpgate-probe.service'
const PROBE = new URL('companion-probe.ts', import.meta.url).pathname
const NODE = `/usr/lib/otpgate/node_modules/node-linux-${process.arch}/bin/node`
const RESULT = '/var/lib/otpgate/probe.json'
const FILES = [DATABASE, `${DATABASE}-wal`, `${DATABASE}-shm`]

describeBooted('the database of root and the service user', () => {
  beforeAll(() => {
    systemctl('start', 'otpgated')
  })

  afterAll(() => {
    for (const name of ['grace', 'heidi', 'ivan']) removePerson(name)
  })

  test('belongs to the service user, in a directory that is closed to all others', () => {
    const { uid, mode } = statSync('/var/lib/otpgate')
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: uidOfService(), mode: 0o700 })
    expect(ownersOf([DATABASE])).toEqual([uidOfService()])
  })

  test('is written by both in turn, while the daemon has it open', async () => {
    const { app } = addPerson('grace')
    expect(await askDaemon('grace', codeOf(app))).toBe(0)
    otpgate(['suspend', 'grace', '--reason', 'a test'])
    expect(await askDaemon('grace', codeOf(app, 1))).toBe(1)
    otpgate(['resume', 'grace'])
    expect(await askDaemon('grace', codeOf(app, 1))).toBe(0)
    expect(ownersOf(FILES)).toEqual(FILES.map(uidOfService))
    expect(modesOf(FILES)).toEqual(modesOf([DATABASE, DATABASE, DATABASE]))
  })

  test('is the daemon’s also where root has made -wal and -shm before it started', async () => {
    const { app } = addPerson('heidi')
    systemctl('stop', 'otpgated.service')
    const Database = createRequire('/usr/lib/otpgate/')('better-sqlite3')
    const db = new Database(DATABASE)
    try {
      db.exec("UPDATE account SET name = name WHERE name = 'heidi'")
      expect(ownersOf(FILES)).toEqual(FILES.map(uidOfService))
      expect(await askDaemon('heidi', codeOf(app))).toBe(0)
    } finally {
      db.close()
    }
  })

  test('is seen to by the service of the timer, beside the daemon', async () => {
    const { app } = addPerson('ivan')
    systemctl('start', 'otpgate-maintain.service')
    expect(propertyOf('otpgate-maintain', 'Result')).toBe('success')
    expect(propertyOf('otpgate-maintain.timer', 'ActiveState')).toBe('active')
    expect(await askDaemon('ivan', codeOf(app))).toBe(0)
    expect(ownersOf(FILES)).toEqual(FILES.map(uidOfService))
  })

  test('is the daemon’s with all beside it where the timer’s service opens it first', () => {
    const command = `${NODE} ${PROBE} ${DATABASE} ${RESULT}`
    const text = readUnit('otpgate-maintain.service')
    writeFileSync(UNIT, text.replace(/^ExecStart=.*$/m, `ExecStart=${command}`))
    onTestFinished(() => {
      rmSync(UNIT)
      rmSync(RESULT, { force: true })
      systemctl('daemon-reload')
      systemctl('start', 'otpgated.socket')
    })
    systemctl('stop', 'otpgated.service', 'otpgated.socket')
    systemctl('daemon-reload')
    systemctl('start', 'otpgate-probe')
    expect(JSON.parse(readFileSync(RESULT, 'utf8'))).toEqual(FILES.map(uidOfService))
  })
})

function ownersOf(paths: readonly string[]): readonly number[] {
  return paths.map((path) => statSync(path).uid)
}

function modesOf(paths: readonly string[]): readonly number[] {
  return paths.map((path) => statSync(path).mode)
}

function uidOfService(): number {
  return Number(requireTool('id', ['-u', 'otpgate']).stdout)
}
