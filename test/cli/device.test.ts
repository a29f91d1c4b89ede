import { describe, expect, test } from 'vitest'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { HOTP, pressed } from '../app/device-act.ts'
import { SECRET } from '../support/account-fixture.ts'
import {
  buildEnrollInput,
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
} from '../support/app-fixture.ts'
import { runOn } from './fake-cli.ts'

const RESYNC = ['device', 'resync', 'alice', 'phone']

/** Alice with a confirmed phone, and what it shows some steps from now. */
async function withPhone() {
  const ports = createTestPorts()
  const { secret } = await enrollAlice(ports)
  ports.clock.move(600)
  const answersAt = (steps: number) => [
    codeFor(ports, secret, steps - 1),
    codeFor(ports, secret, steps),
  ]
  return { ports, answersAt }
}

describe('device resync', () => {
  test.each([
    { steps: 0, said: 'The clock of "phone" is right.', drift: 0 },
    {
      steps: 2,
      said: 'The clock of "phone" is about 1 minute ahead of the clock of this host.\nIts codes are judged by that from now on.',
      drift: 60,
    },
  ])('says what it has found: $steps steps', async ({ steps, said, drift }) => {
    const { ports, answersAt } = await withPhone()
    const seen = await runOn(ports, RESYNC, { answers: answersAt(steps) })
    expect(seen).toEqual({ status: 0, stdout: '', stderr: said })
    const list = await runOn(ports, ['device', 'list', 'alice', '--json'])
    expect(JSON.parse(list.stdout)).toMatchObject([{ label: 'phone', drift }])
  })

  test('of a clock that is too far off says by how much, and what to do', async () => {
    const { ports, answersAt } = await withPhone()
    const seen = await runOn(ports, RESYNC, { answers: answersAt(-240) })
    expect(seen.status).toBe(1)
    expect(seen.stderr).toContain('is about 2 hours behind the clock of this host')
    expect(seen.stderr).toContain('hint: nothing was changed: set the phone to automatic time')
  })

  test('never repeats what was typed', async () => {
    const { ports } = await withPhone()
    for (const answers of [['correct horse', '123456'], ['123456', 'ABCD-EFGH-JKMN-PQRS'], []]) {
      const seen = await runOn(ports, RESYNC, { answers })
      expect(seen.status).toBe(1)
      expect(seen.stderr).not.toMatch(/horse|123456|ABCD/)
    }
  })
})

describe('the dialogue of a further device', () => {
  const ADD = ['device', 'add', 'alice', '--label', 'my token', '--type', 'hotp', '--secret-stdin']
  const SECRET_HEX = SECRET.toString('hex')

  test('confirms a token by a code that is up to five presses ahead', async () => {
    const { ports } = await withPhone()
    const seen = await runOn(ports, ADD, { answers: [SECRET_HEX, pressed(5)] })
    expect(seen.status).toBe(0)
    expect(seen.stderr.split('\n').at(-1)).toBe('alice has one more device.')
    expect(readAlice(ports).devices[1]).toMatchObject({ ...HOTP, lastAcceptedStep: 5 })
  })

  test('names resync where it was pressed more often', async () => {
    const { ports } = await withPhone()
    const answers = [SECRET_HEX, pressed(6), 'x', '00000000']
    const { status, stderr } = await runOn(ports, ADD, { answers })
    expect(status).toBe(1)
    expect(stderr).toContain('That code is right 6 presses further on.')
    expect(stderr).toContain("    otpgate device resync alice 'my token'\n")
    expect(stderr).toContain('Press for the next one')
  })

  test('that is given up leaves the person what there was, and says so', async () => {
    const { ports } = await withPhone()
    const { status, stderr } = await runOn(ports, ADD, { answers: [SECRET_HEX] })
    expect(status).toBe(1)
    expect(stderr).toContain('the new device of alice is not confirmed, and does not count')
    expect(stderr).toContain('until it is, alice logs in with what there was')
  })

  test('the QR code of a token says from which press on', async () => {
    const ports = createTestPorts()
    const token = { secret: SECRET, parameters: HOTP, label: 'token' }
    await enrollDevice(ports, buildEnrollInput(token))
    await runOn(ports, ['confirm', 'alice', '--no-recovery'], { answers: [pressed(4)] })
    const seen = await runOn(ports, ['qr', 'alice'])
    expect(seen.stdout).toContain('otpauth://hotp/host:alice?')
    expect(seen.stdout).toContain('&counter=5')
    expect(seen.stderr).toContain('(counter based, from 5, 6 digits, SHA1)')
  })
})
