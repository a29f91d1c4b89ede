import { now } from '../../src/host/clock.ts'
import { renderGroupedKey } from '../../src/render/grouped-key.ts'
import { createPhone, type Phone } from './phone.ts'
import { drawQrCode, type Link } from './qr-code.ts'
import type { Scene } from './scene.ts'
import type { Finding } from './tally.ts'

/** The person's second factor, and the way back in without it. */
export interface Enrolled extends Finding {
  readonly phone: Phone
  readonly recoveryCode: string
}

/** What `otpgate enroll --json` prints, as far as it matters here. */
interface Enrolment extends Link {
  readonly recoveryCodes: readonly string[]
}

/** `otpgate init`: key and database. */
export async function setUp({ admin, screen }: Scene): Promise<Finding> {
  const output = await admin.require('init')
  const lines = output.trimEnd().split('\n')
  for (const line of lines) screen.seen(line.replace(/ {2,}/, ' '))
  return { isExpected: lines.length === 3, happened: 'key and database are made' }
}

/** `otpgate enroll`: what the app scans, and recovery codes for paper. */
export async function enroll({ admin, screen, stage, person }: Scene): Promise<Enrolled> {
  const output = await admin.require('enroll', stage.user, '--no-confirm', '--json')
  const { uri, secret, recoveryCodes } = parseEnrolment(output)
  const [recoveryCode = ''] = recoveryCodes
  screen.seen(`key: ${renderGroupedKey(secret)}`)
  screen.seen(`recovery codes: ${recoveryCode} and ${recoveryCodes.length - 1} more`)
  drawQrCode(screen, { uri, secret })
  await person.pause('   Scan it or type the key into your app, then press Enter: ')
  const happened = `${stage.user} has an authenticator and ${recoveryCodes.length} recovery codes`
  return {
    isExpected: recoveryCodes.length > 0,
    happened,
    phone: createPhone(secret, now),
    recoveryCode,
  }
}

function parseEnrolment(text: string): Enrolment {
  const { uri, secret, recovery_codes: recoveryCodes } = JSON.parse(text)
  const isWhole = typeof uri === 'string' && typeof secret === 'string'
  if (!isWhole || !Array.isArray(recoveryCodes)) throw new Error('otpgate enroll says too little')
  return { uri, secret, recoveryCodes: recoveryCodes.map(String) }
}
