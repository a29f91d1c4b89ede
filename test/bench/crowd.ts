import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { toUnixSeconds } from '../../src/base/time.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import { parseSecret } from '../../src/domain/secret.ts'
import { loadConfig, openPorts } from '../../src/wire.ts'
import { parseUid } from '../store/sample.ts'
import { createApp, wrongCodeOf } from '../support/enrolled-person.ts'
import type { Otpgate, OtpgateHost } from '../support/otpgate-host.ts'
import { fillStore, personName } from './fill-store.ts'

/** Of everybody in the crowd: below what Debian gives away by itself. */
const UID = 59_876
const TIME_LIMIT = { busyMilliseconds: 10_000, beforeCommit: () => {} }

/** People of the private machine, with homes, and one secret between them. */
export interface Crowd {
  readonly names: readonly string[]
  readonly uid: number
  readonly secret: Buffer
  readonly wrongCode: string
  homeOf(name: string): string
  rightCode(): string
  /** Out of the machine's files again; their homes go with the host. */
  remove(): void
}

export function addCrowd(host: OtpgateHost, size: number): Crowd {
  const names = Array.from({ length: size }, (_, index) => personName(index))
  const homes = join(host.directory, 'crowd')
  mkdirSync(homes)
  chmodSync(homes, 0o711)
  const homeOf = (name: string) => join(homes, name)
  const each = (render: (name: string) => string) =>
    names.map((name) => `${render(name)}\n`).join('')
  const added = {
    '/etc/group': `crowd:x:${UID}:\n`,
    '/etc/passwd': each((name) => `${name}:x:${UID}:${UID}::${homeOf(name)}:/bin/sh`),
    '/etc/shadow': each((name) => `${name}:!:20000:0:99999:7:::`),
  }
  for (const [file, text] of Object.entries(added)) appendFileSync(file, text)
  for (const name of names) {
    mkdirSync(homeOf(name), { mode: 0o700 })
    chownSync(homeOf(name), UID, UID)
  }
  const app = createApp()
  const secret = parseSecret(app.secretBase32)
  return {
    ...{ names, uid: UID, secret, wrongCode: wrongCodeOf(app), homeOf },
    rightCode: () => currentCode(secret),
    remove() {
      for (const [file, text] of Object.entries(added)) {
        writeFileSync(file, readFileSync(file, 'utf8').replace(text, ''))
      }
    },
  }
}

/** Gives everybody in the crowd a device, past the command line, which would take minutes. */
export function enrollCrowd({ configFile, databaseFile }: Otpgate, crowd: Crowd): void {
  const { vault, close } = openPorts(loadConfig(configFile), TIME_LIMIT)
  const db = new Database(databaseFile)
  const count = crowd.names.length
  fillStore(db, { size: count, count, uid: parseUid(crowd.uid), secret: crowd.secret, vault })
  db.close()
  close()
}

/** The code of now, in the standard form; by ours, as oathtool would be started at every round. */
export function currentCode(secret: Buffer): string {
  const parameters = { algorithm: 'SHA1', digits: 6, periodSeconds: 30 } as const
  const now = toUnixSeconds(Math.floor(Date.now() / 1000))
  return generateCode(secret, parameters, stepAt(now, parameters.periodSeconds))
}
