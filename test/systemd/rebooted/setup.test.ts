import { existsSync, readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { describeBooted } from '../booted/describe-booted.ts'
import { logIn, readPhase, readSetUpFiles, readStatus } from '../booted/set-up-person.ts'
import { findMainPid, until } from '../booted/unit-control.ts'
import { REBOOT_NOTE } from './reboot-note.ts'

const LIMIT = 40_000

describe.skipIf(!existsSync(REBOOT_NOTE))('after a power loss', () => {
  describeBooted('setup ssh', () => {
    test('goes back by the unit that the next boot starts', async () => {
      const { before, admin } = JSON.parse(readFileSync(REBOOT_NOTE, 'utf8'))
      await until('the way back', () => readPhase() === 'reverted', LIMIT)
      expect(Date.parse(readStatus()?.ended_at ?? '')).toBeGreaterThan(bootedAt())
      await until('no unit', () => findMainPid('otpgate-setup.service') === undefined, LIMIT)
      expect(readSetUpFiles()).toEqual(before)
      expect(await logIn(admin)).toMatchObject({ ok: true })
    })
  })
})

/** /run is new with each boot. In milliseconds. */
function bootedAt(): number {
  return statSync('/run/systemd/system').birthtimeMs
}
