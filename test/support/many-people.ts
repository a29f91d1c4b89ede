import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeDevice } from '../../src/app/new-device.ts'
import { toStoredName } from '../../src/domain/name.ts'
import { now } from '../../src/host/clock.ts'
import { openStorage } from '../../src/store/sqlite/storage.ts'
import { createVault } from '../../src/vault/keyring.ts'
import { always, CREATE } from '../store/sample.ts'
import { fileOptions } from '../store/sqlite/sqlite-file.ts'
import type { Otpgate } from './otpgate-host.ts'

/** Puts so many people with a device each into the database, whom the host does not know. */
export async function addManyPeople(otpgate: Otpgate, count: number): Promise<void> {
  const vault = createVault(readFileSync(join(dirname(otpgate.configFile), 'master.key')))
  const options = { ...fileOptions(otpgate.databaseFile), now, beforeCommit: () => {} }
  const { store, close } = openStorage(options, vault)
  const names = Array.from({ length: count }, (_, index) => toStoredName(`person-${index}`))
  await Promise.all(
    names.map((name) => {
      const { device } = makeDevice(
        { vault, randomBytes, now },
        {
          entry: { name, uid: CREATE.uid },
          ...{ actor: 'root', label: 'phone', secret: undefined, countsUnconfirmed: true },
          parameters: { kind: 'totp', algorithm: 'SHA1', digits: 6, periodSeconds: 30 },
        },
      )
      return store.transact(name, always(CREATE, { kind: 'add-device', device }))
    }),
  )
  close()
}
