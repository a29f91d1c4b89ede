import { addDevice } from '../../src/app/add-device.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import type { HotpParameters } from '../../src/domain/device.ts'
import { generateCode } from '../../src/domain/otp.ts'
import { ALICE, SECRET } from '../support/account-fixture.ts'
import { buildEnrollInput, readAlice, type TestPorts } from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'

export const HOTP: HotpParameters = { kind: 'hotp', algorithm: 'SHA1', digits: 6 }
export const BY_ROOT = { name: ALICE, actor: 'root', reason: undefined }

/** The code of the RFC's key after so many presses. */
export function pressed(counter: number): string {
  return generateCode(SECRET, HOTP, counter)
}

/** One more device of alice, which counts at once: a second phone, unless told otherwise. */
export function addTo(ports: TestPorts, fields: Partial<Parameters<typeof addDevice>[1]> = {}) {
  const input = buildEnrollInput({ label: 'tablet', countsUnconfirmed: true })
  return addDevice(ports, { ...input, window: 1, ...fields })
}

/** What a login with this code comes to. */
export async function logIn(ports: TestPorts, code: string): Promise<string> {
  const answer = { kind: 'code', code } as const
  const { decision } = await verifyLogin(ports, buildPolicy(), buildRequest(), answer)
  return decision.outcome === 'denied' ? decision.reason : decision.outcome
}

export function labelsOf(ports: TestPorts): readonly string[] {
  return readAlice(ports).devices.map(({ label }) => label)
}
