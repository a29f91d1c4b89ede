import { expect, test } from 'vitest'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { encodeBase32, RFC4648_ALPHABET } from '../../src/base/base32.ts'
import { SECRET } from '../support/account-fixture.ts'
import { buildEnrollInput, codeFor, createTestPorts, readAlice } from '../support/app-fixture.ts'
import { runOn } from './fake-cli.ts'

const ARGS = ['enroll', 'alice', '--secret-stdin']
const SECRET_BASE32 = encodeBase32(SECRET, RFC4648_ALPHABET)

test('an enrolment that another one replaces while it waits for a code says so', async () => {
  const ports = createTestPorts()
  const replaceThenType = async () => {
    const { secret } = await enrollDevice(ports, buildEnrollInput({ label: 'another' }))
    return codeFor(ports, secret)
  }
  const seen = await runOn(ports, ARGS, { answers: [SECRET_BASE32, replaceThenType] })
  expect(seen.status).toBe(3)
  expect(seen.stderr).toContain('otpgate: another enrolment has replaced this one')
  expect(readAlice(ports).devices).toMatchObject([{ label: 'another', confirmedAt: undefined }])
})

test('an enrolment that replaces an open one says so, and one that does not says nothing', async () => {
  const ports = createTestPorts()
  const line = '1 open enrolment replaced: delete it from the app.'
  const first = await runOn(ports, ARGS, { answers: [SECRET_BASE32] })
  expect(first.stderr).not.toContain('replaced')
  const second = await runOn(ports, ARGS, {
    answers: [SECRET_BASE32, codeFor(ports, SECRET)],
  })
  expect(second.status).toBe(0)
  expect(second.stderr.split('\n')[0]).toBe(line)
})
