import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { codeOf, type EnrolledPerson, enrollPerson } from './enrolled-person.ts'
import type { PrivateSshd } from './private-sshd.ts'
import { findProcessesNaming } from './process-tree.ts'
import { openSetupHost, type SetupHost } from './setup-host.ts'
import { loginWithSsh } from './ssh-client.ts'

/** Where set-up keeps its record, on a host of `openSetupHost`. */
export const SETUP_STATE = '/var/lib/otpgate-setup'

const PATIENCE_MS = 20_000
const POLL_MS = 50

/** A host to set up, with sshd running and an admin who has a key and a device. */
export interface SetupWorld {
  readonly host: SetupHost
  readonly sshd: PrivateSshd
  readonly admin: EnrolledPerson
  /** Files as they were, byte for byte, modes and owners too; and a key alone logs in, as it did. */
  assertAsBefore(where?: string): Promise<void>
  /** What the record says; `undefined`: there is none. */
  readPhase(): string | undefined
  /** Waits until no watcher runs; whether there was one. */
  untilNobodyWatches(): Promise<boolean>
}

export async function openSetupWorld(): Promise<SetupWorld> {
  const host = await openSetupHost()
  const sshd = await host.startSshd()
  const admin = await enrollPerson(host.otpgate, host.addUser())
  await host.otpgate.require(['confirm', admin.name], `${codeOf(admin.app)}\n`)
  const before = host.readFiles()
  const readPhase = () => {
    const file = host.own(`${SETUP_STATE}/journal.json`)
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).phase : undefined
  }
  return {
    host,
    sshd,
    admin,
    readPhase,
    async assertAsBefore(where = 'now') {
      expect(host.readFiles(), where).toEqual(before)
      const request = { user: admin.name, key: admin.key, command: 'id -un' }
      expect(await loginWithSsh(sshd, request), where).toMatchObject({ ok: true })
    },
    async untilNobodyWatches() {
      const end = Date.now() + PATIENCE_MS
      for (let wasWatched = false; ; wasWatched = true) {
        if (findWatchers(host).length === 0) return wasWatched
        if (Date.now() > end) throw new Error(`the watcher goes on: ${readPhase()}`)
        await wait(POLL_MS)
      }
    },
  }
}

function findWatchers({ otpgate }: SetupHost): readonly number[] {
  return findProcessesNaming(otpgate.configFile).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('setup\0watch')
    } catch {
      return false
    }
  })
}
