import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { sweepTrials } from '../../../src/host/trial-place.ts'
import { TRIAL_STEPS, type TrialRequest, type TrialStep } from '../../../src/setup/trial/trial.ts'
import { describeOnHost } from '../../support/describe-on-host.ts'
import { enrollPerson } from '../../support/enrolled-person.ts'
import { PAM_DIRECTORY } from '../../support/pam-service.ts'
import { endProcessesNaming, findProcessesNaming } from '../../support/process-tree.ts'
import { makeTrialRequest } from './trial-request.ts'

const PROGRAM = fileURLToPath(new URL('trial-process.ts', import.meta.url))
const PATIENCE_MS = 10_000
const WITHOUT_CODE = TRIAL_STEPS.filter((step) => step !== 'a key and a code log in')

describeOnHost('a trial that is killed', (onHost) => {
  test.each(WITHOUT_CODE)('while "%s" is tried takes its processes along', async (step) => {
    const { host, otpgate } = onHost()
    const { name } = await enrollPerson(otpgate, host.addUser())
    const { request, child } = start(makeTrialRequest(host, otpgate, name))
    await reach(child, step)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    await untilNothingRuns(request)
    // The two files for PAM another test's trial may have swept by now.
    expect(readdirSync(request.places.stateDirectory)).toHaveLength(1)
    sweepTrials(request.places)
    expect(leftovers(request, child)).toEqual([])
  })

  test('while a login hangs does not wait for its end', async () => {
    const { host, otpgate } = onHost()
    const { name } = await enrollPerson(otpgate, host.addUser())
    const slow = host.writeProgram('slow', '#!/bin/sh\nsleep 600\n')
    const recipe = { programs: { excused: slow } }
    const { request, child } = start(makeTrialRequest(host, otpgate, name, { recipe }))
    onTestFinished(() => endProcessesNaming(slow))
    await reach(child, 'an answer that is no code is refused')
    await until('the login', () => findProcessesNaming(slow).length > 0)
    child.kill('SIGKILL')
    await untilNothingRuns(request)
  })

  test('by a signal that it can hear also clears up', async () => {
    const { host, otpgate } = onHost()
    const { name } = await enrollPerson(otpgate, host.addUser())
    const { request, child } = start(makeTrialRequest(host, otpgate, name))
    await reach(child, 'an answer that is no code is refused')
    const ended = once(child, 'exit')
    child.kill('SIGHUP')
    expect(await ended).toEqual([null, 'SIGHUP'])
    await untilNothingRuns(request)
    expect(leftovers(request, child)).toEqual([])
  })
})

function start(request: TrialRequest) {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(request))
  onTestFinished(() => {
    child.kill('SIGKILL')
    endProcessesNaming(request.places.stateDirectory)
    sweepTrials(request.places)
  })
  return { request, child }
}

/** Comes back once the process begins with that step. */
async function reach({ stdout }: ChildProcess, step: TrialStep): Promise<void> {
  if (stdout === null) throw new Error('no stdout')
  for await (const line of createInterface({ input: stdout })) if (line === step) return
  throw new Error(`never came to: ${step}`)
}

/** sshd and ssh name their files on their command lines. */
function untilNothingRuns({ places }: TrialRequest): Promise<void> {
  return until('their end', () => findProcessesNaming(places.stateDirectory).length === 0)
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`)
    await wait(20)
  }
}

/** Names in both directories that carry the id of the process. */
function leftovers({ places }: TrialRequest, { pid }: ChildProcess): readonly string[] {
  const names = [...readdirSync(PAM_DIRECTORY), ...readdirSync(places.stateDirectory)]
  return names.filter((name) => name.startsWith(`otpgate-trial-${pid}-`))
}
