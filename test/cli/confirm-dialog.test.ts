import { describe, expect, test } from 'vitest'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { AppError } from '../../src/base/errors.ts'
import { confirmInDialog } from '../../src/cli/confirm-dialog.ts'
import { ALICE, SECRET } from '../support/account-fixture.ts'
import { buildEnrollInput, codeFor, createTestPorts, readAlice } from '../support/app-fixture.ts'
import { createFakeCli, toSession } from './fake-cli.ts'

const TASK = { name: ALICE, mintCodes: true }

/**
 * Alice with a new phone to confirm, and its codes. The secret is always the same one: of a day's steps
 * another, nearer one would show the same six digits once in two hundred secrets.
 */
async function enrollUnconfirmed() {
  const ports = createTestPorts()
  const { secret } = await enrollDevice(ports, buildEnrollInput({ secret: Buffer.from(SECRET) }))
  return { ports, codeAt: (steps: number) => codeFor(ports, secret, steps) }
}

describe('the dialog of a confirmation', () => {
  test.each([
    { steps: -20, off: '10 minutes behind' },
    { steps: 180, off: '1 hour 30 minutes ahead of' },
    { steps: -2, off: '1 minute behind' },
    { steps: 2879, off: '23 hours 59 minutes ahead of' },
  ])('says that the phone is $off, and never counts it as right', async ({ steps, off }) => {
    const { ports, codeAt } = await enrollUnconfirmed()
    const { cli, said } = createFakeCli([codeAt(steps)])
    const dialog = confirmInDialog(cli, toSession(ports), TASK)
    await expect(dialog).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(said.join(' ')).toContain(`${off} the clock of this host`)
    expect(readAlice(ports).devices).toMatchObject([{ confirmedAt: undefined }])
  })

  test.each([-1, 0, 1])('takes a code of step %d without a word', async (steps) => {
    const { ports, codeAt } = await enrollUnconfirmed()
    const { cli, said } = createFakeCli([codeAt(steps)])
    const { recoveryCodes } = await confirmInDialog(cli, toSession(ports), TASK)
    expect(recoveryCodes).toHaveLength(10)
    expect(said).toEqual([])
  })

  test('ends after five tries, the sixth not even read', async () => {
    const { ports, codeAt } = await enrollUnconfirmed()
    const { cli, waiting } = createFakeCli([...Array(5).fill('no code'), codeAt(0)])
    const dialog = confirmInDialog(cli, toSession(ports), TASK)
    await expect(dialog).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(waiting).toHaveLength(1)
  })

  test.each([
    { how: 'an empty answer', answers: [''], isInterrupted: false },
    { how: 'the end of the input', answers: [], isInterrupted: false },
    { how: 'Ctrl-C', answers: [], isInterrupted: true },
  ])('ends at $how with what to do next', async ({ answers, isInterrupted }) => {
    const { ports } = await enrollUnconfirmed()
    const { cli } = createFakeCli(answers, isInterrupted)
    await expect(confirmInDialog(cli, toSession(ports), TASK)).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      hint: 'until it is, alice cannot log in; finish with: otpgate confirm alice',
    })
  })

  test('that is given up says so where the person needs no code until then', async () => {
    const { ports } = await enrollUnconfirmed()
    const session = toSession(ports, { toml: '[policy]\nunenrolled = "allow"\n' })
    await expect(confirmInDialog(createFakeCli().cli, session, TASK)).rejects.toMatchObject({
      hint: 'until it is, alice logs in without a code; finish with: otpgate confirm alice',
    })
  })

  test('that is given up takes nothing from a device that counts already', async () => {
    const ports = createTestPorts()
    await enrollDevice(ports, buildEnrollInput({ countsUnconfirmed: true }))
    const dialog = confirmInDialog(createFakeCli().cli, toSession(ports), TASK)
    const error: unknown = await dialog.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'ERR_REFUSED',
      message: expect.not.stringMatching(/count/),
    })
    expect(error).toMatchObject({ hint: expect.not.stringMatching(/cannot log in/) })
  })

  test('of a device that another enrolment replaced ends, whatever the code', async () => {
    const { ports, codeAt } = await enrollUnconfirmed()
    const deviceId = readAlice(ports).devices[0]?.id ?? ''
    const { secret } = await enrollDevice(ports, buildEnrollInput())
    for (const code of [codeAt(0), codeFor(ports, secret)]) {
      const { cli } = createFakeCli([code])
      const dialog = confirmInDialog(cli, toSession(ports), { ...TASK, deviceId })
      await expect(dialog).rejects.toMatchObject({ code: 'ERR_DEVICE_UNKNOWN' })
    }
    expect(readAlice(ports).devices).toMatchObject([{ confirmedAt: undefined }])
  })

  test('never repeats what was typed', async () => {
    const { ports } = await enrollUnconfirmed()
    const { cli, said } = createFakeCli(['correct horse', '0123456789', 'ABCD-EFGH-JKMN-PQRS'])
    const dialog = confirmInDialog(cli, toSession(ports), TASK)
    const error: unknown = await dialog.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AppError)
    const shown = `${said.join(' ')} ${String(error)} ${JSON.stringify(error)}`
    expect(shown).not.toMatch(/horse|0123456789|ABCD/)
    expect(said).toHaveLength(3)
  })
})
