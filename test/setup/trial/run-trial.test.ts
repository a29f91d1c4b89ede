import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openTrialPlace } from '../../../src/host/trial-place.ts'
import { runTrial } from '../../../src/setup/trial/run-trial.ts'
import { TRIAL_STEPS, type TrialRequest } from '../../../src/setup/trial/trial.ts'
import { outlineLogins, readFailures, readLogins } from '../../support/audit-record.ts'
import { describeOnHost } from '../../support/describe-on-host.ts'
import { codeOf, enrollPerson, wrongCodeOf } from '../../support/enrolled-person.ts'
import { PAM_DIRECTORY } from '../../support/pam-service.ts'
import { makeTrialRequest, type RequestOptions } from './trial-request.ts'

const NO_CODE = 'an answer that is no code is refused'
const PASSWORD_ONLY = [
  'UsePAM yes',
  'KbdInteractiveAuthentication yes',
  'AuthenticationMethods password,keyboard-interactive:pam',
  '',
].join('\n')

describeOnHost('a trial of sshd and PAM', (onHost) => {
  const prepare = async (options?: RequestOptions) => {
    const { host, otpgate } = onHost()
    const user = host.addUser()
    const person = await enrollPerson(otpgate, user)
    const request = makeTrialRequest(host, otpgate, person.name, options)
    return { request, otpgate, person, home: user.home }
  }

  test('goes through all steps with a code, and uses it up', async () => {
    const { request, otpgate, person, home } = await prepare()
    const before = readdirSync(home, { recursive: true })
    const steps: string[] = []
    const code = Buffer.from(codeOf(person.app))
    const onStep = (step: string) => void steps.push(step)
    expect(await runTrial({ ...request, code, onStep })).toEqual(PASSED)
    expect(steps).toEqual(TRIAL_STEPS)
    const rows = await readLogins(otpgate, person.name)
    expect(rows.at(-1)).toMatchObject({ outcome: 'accepted', method: 'totp', address: '127.0.0.1' })
    assertNothingLeft(request)
    expect(readdirSync(home, { recursive: true })).toEqual(before)
    expect(await runTrial({ ...request, code })).toMatchObject({ outcome: 'failed' })
  })

  test('without a code stops before the last step, and nothing is counted', async () => {
    const { request, otpgate, person } = await prepare()
    expect(await runTrial(request)).toEqual({ outcome: 'passed', loggedIn: false })
    expect(await outlineLogins(otpgate, person.name)).toEqual(['denied not-a-code'])
    expect(await readFailures(otpgate, person.name)).toBe(0)
  })

  test('takes the settings of the host’s own blocks, but for what makes it private', async () => {
    const { request, person } = await prepare({
      hostLines: ['Match all', 'AuthorizedKeysFile none', 'ForceCommand /bin/false'],
    })
    const code = Buffer.from(codeOf(person.app))
    expect(await runTrial({ ...request, code })).toEqual(PASSED)
  })

  test('tries passwords and codes by a key and a code', async () => {
    const { request, person } = await prepare({
      dropIn: PASSWORD_ONLY,
      recipe: { recipe: 'password-then-code' },
    })
    const code = Buffer.from(codeOf(person.app))
    expect(await runTrial({ ...request, code })).toEqual(PASSED)
  })

  test('says what sshd says of settings that it does not take', async () => {
    const { request } = await prepare({ dropIn: 'UsePAM yes\nNonsense yes\n' })
    expect(await runTrial(request)).toMatchObject({
      outcome: 'failed',
      step: 'sshd takes the settings',
      what: expect.stringContaining('Nonsense'),
    })
    assertNothingLeft(request)
  })

  test('says that sshd does not start', async () => {
    const { host } = onHost()
    const sshd = host.writeProgram(
      'sshd-that-ends',
      '#!/bin/sh\ncase " $* " in *" -i "*) exit 1 ;; *" -V "*) echo OpenSSH_9.9 ;; esac\n',
    )
    const { request } = await prepare({ sshd })
    expect(await runTrial(request)).toMatchObject({ outcome: 'failed', step: 'sshd answers' })
    assertNothingLeft(request)
  })

  test.each<{ what: string; edit: (pam: TrialRequest['pam']) => TrialRequest['pam'] }>([
    {
      what: 'names a module that is not there',
      edit: (pam) => ({ ...pam, recipe: pam.recipe.replaceAll('pam_exec.so', 'pam_exce.so') }),
    },
    {
      what: 'names a verifier that is not there',
      edit: (pam) => ({ ...pam, recipe: pam.recipe.replaceAll('otpgate-verify', 'otpgate-veri') }),
    },
    {
      what: 'asks for the login password in its place',
      edit: (pam) => ({ ...pam, recipe: '@include common-auth\n' }),
    },
  ])('fails where PAM $what', async ({ edit }) => {
    const { request } = await prepare()
    const report = await runTrial({ ...request, pam: edit(request.pam) })
    expect(report).toMatchObject({ outcome: 'failed', step: NO_CODE })
    assertNothingLeft(request)
  })

  test('fails where a key alone is enough', async () => {
    const { request } = await prepare({ dropIn: 'UsePAM yes\nKbdInteractiveAuthentication yes\n' })
    const recipe = request.pam.recipe.replace(/^account .*$/m, '')
    const report = await runTrial({ ...request, pam: { ...request.pam, recipe } })
    expect(report).toMatchObject({ outcome: 'failed', what: expect.stringContaining('let in') })
  })

  test('fails where its own address is excused', async () => {
    const { request, otpgate, person } = await prepare()
    await otpgate.require(['waive', person.name, '--for', '1h', '--reason', 'a test'])
    expect(await runTrial(request)).toMatchObject({
      outcome: 'failed',
      step: NO_CODE,
      hint: expect.stringContaining('--from 127.0.0.1'),
    })
  })

  test('fails with a wrong code, and where the session dies behind a right one', async () => {
    const { request, person } = await prepare()
    const wrong = Buffer.from(wrongCodeOf(person.app))
    const step = 'a key and a code log in'
    expect(await runTrial({ ...request, code: wrong })).toMatchObject({ outcome: 'failed', step })
    const service = `${request.pam.service}session required pam_deny.so\n`
    const code = Buffer.from(codeOf(person.app))
    const report = await runTrial({ ...request, code, pam: { ...request.pam, service } })
    expect(report).toMatchObject({ outcome: 'failed', step })
  })

  test('takes no name that means something in sshd_config', async () => {
    const { request } = await prepare()
    await expect(runTrial({ ...request, account: '*' })).rejects.toMatchObject({
      code: 'ERR_USAGE',
    })
    assertNothingLeft(request)
  })

  test('leaves the files of a trial that still runs to it', async () => {
    const { request } = await prepare()
    const place = openTrialPlace(request.places)
    place.addPamFile(place.service, '')
    await expect(runTrial(request)).rejects.toMatchObject({ code: 'ERR_OUTPUT_FAILED' })
    place.remove()
    expect(await runTrial(request)).toEqual({ outcome: 'passed', loggedIn: false })
  })
})

const PASSED = { outcome: 'passed', loggedIn: true } as const

function assertNothingLeft({ places }: TrialRequest): void {
  expect(readdirSync(places.stateDirectory)).toEqual([])
  const ours = readdirSync(PAM_DIRECTORY).filter((name) => name.includes(`-trial-${process.pid}-`))
  expect(ours).toEqual([])
}
