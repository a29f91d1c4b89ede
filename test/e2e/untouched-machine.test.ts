import { describe, expect, test } from 'vitest'
import { codeOf, enrollPerson } from '../support/enrolled-person.ts'
import { canRunEndToEnd } from '../support/host-requirement.ts'
import { readMachineState } from '../support/machine-state.ts'
import { openOtpgateHost } from '../support/otpgate-host.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

const SLOW_TEST_MS = 60_000

describe.skipIf(!canRunEndToEnd())('the machine', { timeout: SLOW_TEST_MS }, () => {
  test('is after a run what it was before: sshd, PAM, users, processes, files', async () => {
    const before = readMachineState()
    const host = openOtpgateHost()
    const otpgate = await host.install()
    const sshd = await startShippedSshd(host, otpgate)
    const { name: user, key, app } = await enrollPerson(otpgate, host.addUser())
    expect((await loginWithSsh(sshd, { user, key, answers: [codeOf(app)] })).ok).toBe(true)

    const during = readMachineState().filter((line) => !before.includes(line))
    expect(during).toContainEqual(expect.stringMatching(/^\/etc\/pam\.d\/otpgate-test-/))
    expect(during).toContainEqual(expect.stringMatching(/^\/etc\/passwd /))
    expect(during).toContainEqual(expect.stringMatching(/^otpgate-test-\d+-/))
    expect(during).toContainEqual(expect.stringMatching(/sshd_config/))

    host.close()
    expect(readMachineState()).toEqual(before)
  })
})
