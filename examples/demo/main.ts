import { parseArgs } from 'node:util'
import { AppError } from '../../src/base/errors.ts'
import { findMissingRequirements, HOST_PROGRAMS } from '../../test/support/host-requirement.ts'
import { createAdmin } from './admin.ts'
import { arrangeEnding, statusOfSignal } from './ending.ts'
import { openPamStage } from './pam-stage.ts'
import { createNobody, createPerson, type Person } from './person.ts'
import { createScreen, type Screen } from './screen.ts'
import { openSshdStage } from './sshd-stage.ts'
import type { Stage } from './stage.ts'
import { tellStory } from './story.ts'

const EXIT_USAGE = 2

const USAGE = `npm run demo             asks for codes from your phone
npm run demo -- --auto   asks nothing
`

void main()

async function main(): Promise<void> {
  const isAuto = readArguments()
  if (isAuto === undefined) return
  arrangeEnding()
  const person = isAuto ? createNobody() : createPerson()
  try {
    process.exitCode = (await play(createScreen(process.stdout), person)) ? 0 : 1
  } catch (error) {
    process.exitCode = report(error)
  } finally {
    person.close()
  }
}

/** Whether nothing is to be asked; `undefined`: there is nothing to run. */
function readArguments(): boolean | undefined {
  try {
    const options = { auto: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const
    const { auto = false, help = false } = parseArgs({ options }).values
    if (!help) return auto
    process.stdout.write(USAGE)
  } catch {
    process.stderr.write(USAGE)
    process.exitCode = EXIT_USAGE
  }
  return undefined
}

async function play(screen: Screen, person: Person): Promise<boolean> {
  screen.title('otpgate: a second factor for SSH, on a throw-away host')
  screen.gap()
  const stage = await openStage(screen)
  try {
    screen.say(stage.about)
    screen.say(`Every otpgate command below also has --config ${stage.configPath}.`)
    screen.gap()
    await person.pause('Press Enter to begin: ')
    const admin = createAdmin(screen, stage.configPath)
    return await tellStory({ screen, stage, admin, person, decisions: [] })
  } finally {
    stage.close()
    screen.say(`Removed again: ${stage.removes}.`)
  }
}

/** A real sshd where one can be had; else says clearly that there is none, and why. */
async function openStage(screen: Screen): Promise<Stage> {
  const missing = findMissingRequirements(HOST_PROGRAMS)
  if (missing.length === 0) {
    try {
      return await openSshdStage()
    } catch (error) {
      missing.push(`an sshd that starts (${firstLineOf(error)})`)
    }
  }
  screen.title('WITHOUT A REAL SSHD')
  screen.say(`To log in through ssh for real, this demo lacks: ${missing.join(', ')}.`)
  return openPamStage()
}

/** Says what went wrong; the exit status. */
function report(error: unknown): number {
  if (error instanceof AppError && error.code === 'ERR_REFUSED') {
    process.stderr.write('\nStopped.\n')
    return statusOfSignal('SIGINT')
  }
  process.stderr.write(`demo: ${error instanceof Error ? error.message : error}\n`)
  return 1
}

function firstLineOf(error: unknown): string {
  const [line = ''] = String(error instanceof Error ? error.message : error).split('\n')
  return line.trim().replace(/:$/, '')
}
