import { describe, expect, test } from 'vitest'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { AppError } from '../../src/base/errors.ts'
import { confirmInDialog } from '../../src/cli/confirm-dialog.ts'
import type { Cli, Session } from '../../src/cli/context.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { verifyPolicy } from '../../src/wire.ts'
import { ALICE } from '../support/account-fixture.ts'
import {
  buildEnrollInput,
  codeFor,
  createTestPorts,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'

const config = parseConfig('', 'otpgate.toml')

/** Answers in this order; then there are no more, or Ctrl-C is pressed. */
function createCli(answers: readonly string[], isInterrupted = false) {
  const said: string[] = []
  const waiting = [...answers]
  const readLine = async () => {
    const answer = waiting.shift()
    if (answer === undefined && isInterrupted) throw new AppError('ERR_REFUSED', 'interrupted')
    return answer
  }
  const cli: Cli = {
    print: () => {},
    talk: (line) => said.push(line),
    prompter: { isInteractive: false, readLine, readSecretLine: readLine, close: () => {} },
    terminal: { isTerminal: false, columns: 80, rows: 24, allowsColour: false },
    actor: () => 'root',
    hostName: () => 'host',
    openSession: () => {
      throw new Error('not needed')
    },
    setStatus: () => {},
  }
  return { cli, said, waiting }
}

function toSession(ports: TestPorts): Session {
  const journal = { read: async () => [], verify: async () => ({ rows: 0, problem: undefined }) }
  return { config, policy: verifyPolicy(config), ports: { ...ports, journal, close: () => {} } }
}

/** Alice with a new phone to confirm, and its secret. */
async function enrollUnconfirmed() {
  const ports = createTestPorts()
  const { secret } = await enrollDevice(ports, buildEnrollInput())
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
    const { cli, said } = createCli([codeAt(steps)])
    const dialog = confirmInDialog(cli, toSession(ports), ALICE, true)
    await expect(dialog).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(said.join(' ')).toContain(`${off} the clock of this host`)
    expect(readAlice(ports).devices).toMatchObject([{ confirmedAt: undefined }])
  })

  test.each([-1, 0, 1])('takes a code of step %d without a word', async (steps) => {
    const { ports, codeAt } = await enrollUnconfirmed()
    const { cli, said } = createCli([codeAt(steps)])
    const { recoveryCodes } = await confirmInDialog(cli, toSession(ports), ALICE, true)
    expect(recoveryCodes).toHaveLength(10)
    expect(said).toEqual([])
  })

  test('ends after five tries, the sixth not even read', async () => {
    const { ports, codeAt } = await enrollUnconfirmed()
    const { cli, waiting } = createCli([...Array(5).fill('no code'), codeAt(0)])
    const dialog = confirmInDialog(cli, toSession(ports), ALICE, true)
    await expect(dialog).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(waiting).toHaveLength(1)
  })

  test.each([
    { how: 'an empty answer', answers: [''], isInterrupted: false },
    { how: 'the end of the input', answers: [], isInterrupted: false },
    { how: 'Ctrl-C', answers: [], isInterrupted: true },
  ])('ends at $how with what to do next', async ({ answers, isInterrupted }) => {
    const { ports } = await enrollUnconfirmed()
    const { cli } = createCli(answers, isInterrupted)
    await expect(confirmInDialog(cli, toSession(ports), ALICE, true)).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      hint: 'finish with: otpgate confirm alice',
    })
  })

  test('never repeats what was typed', async () => {
    const { ports } = await enrollUnconfirmed()
    const { cli, said } = createCli(['correct horse', '0123456789', 'ABCD-EFGH-JKMN-PQRS'])
    const dialog = confirmInDialog(cli, toSession(ports), ALICE, true)
    const error: unknown = await dialog.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AppError)
    const shown = `${said.join(' ')} ${String(error)} ${JSON.stringify(error)}`
    expect(shown).not.toMatch(/horse|0123456789|ABCD/)
    expect(said).toHaveLength(3)
  })
})
