import { afterAll, beforeAll, expect, test } from 'vitest'
import { outlineLogins, readFailures } from '../support/audit-record.ts'
import { BEHIND_A_KEY } from '../support/code-service.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, type EnrolledPerson } from '../support/enrolled-person.ts'
import { runPamTester } from '../support/pam-tester.ts'
import type { PrivateSshd } from '../support/private-sshd.ts'
import { type PrivateSyslog, startPrivateSyslog } from '../support/private-syslog.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'
import { answersLike, findControls, namesLike, ONE_LINE } from './hostile-word.ts'

/** PAM hands text over as C strings, a line each. */
const isOneLine = ({ word }: { word: string }) => !/[\0\n]/.test(word)
/** An argument is at most this long for ssh, which also refuses some names itself. */
const fitsSsh = ({ word }: { word: string }) => word !== '' && word.length < 1000
/** PAM has had them all: over ssh every second one shows that it is no other way in. */
const isSecond = (_: unknown, index: number) => index % 2 === 1
/** sshd asks that often on one connection (MaxAuthTries). */
const QUESTIONS = 5

describeOnHost('hostile input', (onHost) => {
  let person: EnrolledPerson
  let syslog: PrivateSyslog
  let sshd: PrivateSshd
  let service: string
  let heard = 0

  beforeAll(async () => {
    const { enroll, host, otpgate } = onHost()
    person = await enroll()
    syslog = await startPrivateSyslog(host, otpgate)
    const { verifier } = syslog
    const programs = { excused: verifier, code: verifier, account: verifier }
    sshd = await startShippedSshd(host, otpgate, { programs })
    const line = [verifier, ...otpgate.verifier.slice(1)].join(' ')
    service = host.addPamService(
      `auth requisite pam_exec.so quiet stdout expose_authtok ${line}\nauth required pam_permit.so\n`,
    )
  })

  afterAll(() => syslog?.close())

  /** What the log has got since it was last asked: each message one line of ASCII. */
  async function hear(): Promise<readonly string[]> {
    const messages = (await syslog.readMessages()).slice(heard)
    heard += messages.length
    for (const message of messages) expect(message).toMatch(ONE_LINE)
    return messages
  }

  async function expectUntouched(): Promise<void> {
    expect(await readFailures(onHost().otpgate, person.name)).toBe(0)
    for (const row of await outlineLogins(onHost().otpgate, person.name)) {
      expect(row).toMatch(/^denied (?:empty|not-a-code|truncated|refused-by-sshd)$/)
    }
  }

  test('as a name is nobody by way of PAM, with one line in the log each', async () => {
    for (const { what, word } of namesLike(person.name)) {
      const answers = [codeOf(person.app)]
      const run = await runPamTester({ service, user: word, answers, env: BEHIND_A_KEY })
      expect({ what, ok: run.ok, timedOut: run.timedOut }).toEqual({
        what,
        ok: false,
        timedOut: false,
      })
      expect(findControls(run.output.replaceAll('\r', ''))).toEqual([])
      const lines = await hear()
      // pamtester asks for a name where it gets none: then PAM runs nothing.
      if (word !== '') expect({ what, lines: lines.length }).toEqual({ what, lines: 1 })
      for (const line of lines) expect(line).toMatch(/\]: (?:denied|error) /)
    }
    await expectUntouched()
  })

  test('as a code is no guess by way of PAM, and is in no log', async () => {
    for (const { what, word } of answersLike(codeOf(person.app)).filter(isOneLine)) {
      const run = { service, user: person.name, answers: [word], env: BEHIND_A_KEY }
      const { ok, timedOut, output } = await runPamTester(run)
      expect({ what, ok, timedOut }).toEqual({ what, ok: false, timedOut: false })
      expect(findControls(output.replaceAll('\r', ''))).toEqual([])
      const lines = await hear()
      expect({ what, lines: lines.length }).toEqual({ what, lines: 1 })
      if (word.trim().length > 3) expect(lines.join()).not.toContain(word.trim())
    }
    await expectUntouched()
  })

  test('as a name is nobody over ssh', async () => {
    for (const { what, word } of namesLike(person.name).filter(fitsSsh).filter(isSecond)) {
      const login = {
        user: word,
        key: person.key,
        answers: [codeOf(person.app)],
        timeoutMs: 15_000,
      }
      const { ok, timedOut } = await loginWithSsh(sshd, login)
      expect({ what, ok, timedOut }).toEqual({ what, ok: false, timedOut: false })
      await hear()
    }
    await expectUntouched()
  })

  test('as a code is no guess over ssh, and the right code works behind it', async () => {
    const words = answersLike(codeOf(person.app)).filter(isOneLine).filter(isSecond)
    const { name: user, key } = person
    for (let from = 0; from < words.length; from += QUESTIONS) {
      const answers = words.slice(from, from + QUESTIONS).map(({ word }) => word)
      const { ok, timedOut, messages } = await loginWithSsh(sshd, { user, key, answers })
      expect({ answers, ok, timedOut }).toEqual({ answers, ok: false, timedOut: false })
      for (const message of messages) expect(findControls(message)).toEqual([])
    }
    await hear()
    await expectUntouched()
    const login = { user, key, answers: [codeOf(person.app)] }
    expect((await loginWithSsh(sshd, login)).ok).toBe(true)
    expect(await hear()).toMatchObject([expect.stringContaining(`accepted user=${user} `)])
  })

  test('as a code or a name is refused by the command line', async () => {
    const { otpgate } = onHost()
    // The next code: one that was used before would be refused whatever stands around it.
    const right = codeOf(person.app, 1)
    const results = await Promise.all(
      answersLike(right)
        .filter(({ word }) => word.trim() !== '')
        .filter((_, index) => index % 3 === 0)
        .map(async ({ what, word }) => ({
          what,
          ...(await otpgate.run(['test', person.name], `${word}\n`)),
        })),
    )
    for (const { what, status, stdout, stderr } of results) {
      expect({ what, status }).toEqual({ what, status: 1 })
      expect(findControls(stdout + stderr)).toEqual([])
    }
    expect((await otpgate.run(['test', person.name], `${right}\n`)).status).toBe(0)
    const names = namesLike(person.name).filter(({ word }) => word.trim() === word && word !== '')
    const input = names.map(({ word }) => word.replace(/[\n\r]/g, '?')).join('\n')
    const unlocked = await otpgate.run(['unlock', '-'], `${input.slice(0, 4000)}\n`)
    expect(unlocked.status).toBe(3)
    expect(findControls(unlocked.stdout + unlocked.stderr)).toEqual([])
    expect(unlocked.stderr).toContain('0 users done')
  })
})
