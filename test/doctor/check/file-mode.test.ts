import { execSync } from 'node:child_process'
import { chmodSync, chownSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { describeOnHost, edit, mode, testAilments } from '../ailment.ts'
import type { SickHost } from '../sick-host.ts'

const STRANGER_UID = 65_533

testAilments('owners and modes', [
  {
    title: 'a program file of somebody else',
    breakIt: (host) => {
      host.write('program/lib/a.js', '')
      chownSync(`${host.places.programRoot}/lib/a.js`, STRANGER_UID, 0)
    },
    healIt: (host) => chownSync(`${host.places.programRoot}/lib/a.js`, 0, 0),
    severity: 'problem',
    says: '/program/lib/a.js can be changed by others than root',
  },
  {
    title: 'a key that others can read',
    ...mode(({ keyFile }) => keyFile, 0o440, 0o400),
    severity: 'problem',
    says: 'master.key is open to group or world',
  },
  {
    title: 'a database that others can write',
    ...mode(({ databaseFile }) => databaseFile, 0o666, 0o600),
    severity: 'problem',
    says: 'otpgate.db is writable by group or world',
  },
  {
    title: 'a directory of the database that others can write',
    ...mode(({ databaseFile }) => databaseFile.replace('/otpgate.db', ''), 0o777, 0o700),
    severity: 'problem',
    says: '/data is writable by group or world',
  },
])

/** Of a user whom this host has as well, which is asked while the database cannot be opened. */
const SERVICE_UID = 1

describeOnHost('what to type for owners and modes', (host) => {
  const typed = async () => {
    const { report } = await host().examine()
    const fixes = report.checks.flatMap(({ findings }) => findings).map(({ fix }) => fix)
    for (const fix of fixes) execSync(fix)
    return fixes.join('\n')
  }
  const modeOf = (path: string) => statSync(path).mode & 0o7777
  const giveToDaemon = ({ databaseFile, configFile }: SickHost) => {
    edit(configFile, '[store]', '[daemon]\nuser = "daemon"\n[store]')
    chownSync(databaseFile, SERVICE_UID, 0)
    chownSync(dirname(databaseFile), SERVICE_UID, 0)
  }

  test("leaves a database to the daemon's user, and closes it", async () => {
    giveToDaemon(host())
    chmodSync(host().databaseFile, 0o666)
    expect(await typed()).not.toContain('chown')
    const { uid } = statSync(host().databaseFile)
    expect({ uid, mode: modeOf(host().databaseFile) }).toEqual({ uid: SERVICE_UID, mode: 0o600 })
    expect(await host().complaints()).toEqual([])
  })

  test('closes the directory, where that is what is open', async () => {
    giveToDaemon(host())
    chmodSync(dirname(host().databaseFile), 0o777)
    await typed()
    expect(modeOf(dirname(host().databaseFile))).toBe(0o755)
    expect(await host().complaints()).toEqual([])
  })

  test('takes a key from a stranger', async () => {
    chownSync(host().keyFile, STRANGER_UID, STRANGER_UID)
    await typed()
    expect(await host().complaints()).toEqual([])
  })

  test('closes what SQLite keeps beside the database', async () => {
    host().write('data/otpgate.db-journal', '', 0o600)
    chmodSync(`${host().databaseFile}-journal`, 0o666)
    await typed()
    expect(modeOf(`${host().databaseFile}-journal`)).toBe(0o600)
  })
})
