import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { outlineLogins, readLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import {
  codeOf,
  enrollPerson,
  steadyPeriodSeconds,
  wrongCodeOf,
} from '../support/enrolled-person.ts'
import { BARE_ENVIRONMENT } from '../support/run-program.ts'
import { requireTool } from '../support/run-tool.ts'
import { openSelfService, type SelfService } from '../support/self-service.ts'
import type { HostUser } from '../support/throwaway-host.ts'

const PROGRAMS = ['sudo', 'visudo', 'su']
const NOT_ALLOWED = /a password is required|not allowed/

test('the shipped rules for sudo are sound', () => {
  const { stdout } = requireTool('visudo', ['-cf', 'examples/sudoers.d/otpgate'])
  expect(stdout).toContain('parsed OK')
})

describeOnHost(
  'self-service through sudo',
  (onHost) => {
    let service: SelfService | undefined

    function openService(): SelfService & { readonly sudo: string; readonly user: HostUser } {
      service ??= openSelfService(onHost().host, onHost().otpgate)
      const user = onHost().host.addUser()
      service.allow(user)
      return { ...service, sudo: `sudo -n ${service.program}`, user }
    }

    test('lets people run the commands of the rules, and tells them their own status', async () => {
      const { runAs, sudo, user } = openService()
      const { recoveryCodes } = await enrollPerson(onHost().otpgate, user, { recovery: true })
      const status = await runAs(user, `${sudo} self status`)
      expect(status.status).toBe(0)
      expect(status.stdout).toContain('10 recovery codes left.')
      const [first = '', second = ''] = recoveryCodes
      const renamed = await runAs(user, `${sudo} self device rename`, `phone\nold\n${first}\n`)
      expect(renamed).toMatchObject({ status: 0 })
      const list = await runAs(user, `${sudo} self device list`)
      expect(list.stdout).toContain('old')
      const issued = await onHost().otpgate.require(['bypass', user.name, '--for', '1h', '--json'])
      const { code: bypass } = JSON.parse(issued)
      const refused = await runAs(user, `${sudo} self recovery new`, `${bypass}\n`)
      expect(refused).toMatchObject({ status: 1, stdout: '' })
      const renewed = await runAs(user, `${sudo} self recovery new`, `${second}\n`)
      expect(renewed.stdout).toMatch(/ 1\. /)
      expect(await outlineLogins(onHost().otpgate, user.name)).toContain('accepted recovery')
    })

    test('lets nobody add anything to them', async () => {
      const { runAs, sudo, program, user } = openService()
      const other = onHost().host.addUser().name
      const lines = [
        `${sudo} list`,
        `${sudo} self`,
        `${sudo} self status --config /etc/shadow`,
        `${sudo} --config /etc/shadow self status`,
        `${sudo} self enroll ${other}`,
        `${sudo} self enroll --out /etc/cron.d/x`,
        `${sudo} self device remove phone`,
        `${sudo} show ${other}`,
        `sudo -n -u ${other} ${program} self status`,
        `sudo -n -g root ${program} self status`,
        `sudo -n SUDO_USER=${other} ${program} self status`,
        `sudo -n NODE_OPTIONS=--version ${program} self status`,
        `sudo -n -E ${program} self status`,
      ]
      const results = await Promise.all(lines.map((line) => runAs(user, line)))
      for (const { status, stdout, stderr } of results) {
        expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
        expect(stderr).toMatch(NOT_ALLOWED)
      }
    })

    test('refuses what sudo takes for the same, blanks within an argument', async () => {
      const { runAs, sudo, user } = openService()
      for (const args of ["self 'device list'", "'self status'", "'self  status' ''"]) {
        const { status, stdout } = await runAs(user, `${sudo} ${args}`)
        expect(stdout).toBe('')
        expect([1, 2]).toContain(status)
      }
    })

    test('takes nobody for somebody else by what stands in the environment', async () => {
      const { runAs, sudo, program, user } = openService()
      const person = await onHost().enroll()
      const uid = Number(requireTool('id', ['-u', person.name]).stdout)
      const forged = `SUDO_USER=${person.name} SUDO_UID=${uid} NODE_OPTIONS=--version`
      const own = await runAs(user, `${forged} ${sudo} self status`)
      expect(own.stdout).toContain('You have no second factor here.')
      expect(await runAs(user, `${program} self status`)).toMatchObject({ status: 8, stdout: '' })
      const alone = await runAs(user, `${forged} ${program} self status`)
      expect(alone).toMatchObject({ status: 8, stdout: '' })
      expect(alone.stderr).toContain('this is for root only')
    })

    test('shares used codes with logins, and keeps its failures and waits from them', async () => {
      const { runAs, sudo, user } = openService()
      const { login, otpgate } = onHost()
      const periodSeconds = steadyPeriodSeconds()
      const person = { ...(await enrollPerson(otpgate, user, { periodSeconds })), ...user }
      const renew = (...codes: string[]) =>
        runAs(user, `${sudo} self recovery new`, `${codes.join('\n')}\n`)
      const code = codeOf(person.app)
      expect(await renew(code)).toMatchObject({ status: 0 })
      expect((await login(person, code)).ok).toBe(false)
      const wrong = wrongCodeOf(person.app)
      const failed = await renew(wrong, wrong)
      expect(failed).toMatchObject({ status: 1, stdout: '' })
      const next = codeOf(person.app, 1)
      const waiting = await renew(next)
      expect(waiting).toMatchObject({ status: 1, stdout: '' })
      expect(waiting.stderr).toContain('Too many wrong codes. Try again in')
      expect((await login(person, next)).ok).toBe(true)
      expect(await readLogins(otpgate, user.name)).toMatchObject([
        { outcome: 'accepted', service: 'otpgate-self' },
        { outcome: 'denied', reason: 'code-replayed' },
        { outcome: 'denied', reason: 'code-wrong', service: 'otpgate-self' },
        { outcome: 'denied', reason: 'code-wrong', service: 'otpgate-self' },
        { outcome: 'denied', reason: 'throttled', service: 'otpgate-self' },
        { outcome: 'accepted', method: 'totp' },
      ])
    })

    test('cannot be stopped from a terminal, where it could hold up every login', async () => {
      const { program, user } = openService()
      await enrollPerson(onHost().otpgate, user)
      const env = { ...BARE_ENVIRONMENT, SUDO_USER: user.name, SUDO_UID: String(user.uid) }
      const child = spawn(program, ['self', 'device', 'rename'], { env })
      // It has shown the devices, and asks for the name of one.
      await once(child.stdout, 'data')
      child.kill('SIGTSTP')
      child.stdin.end('\n')
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
      expect(await once(child, 'close')).toEqual([1, null])
      clearTimeout(timer)
    })
  },
  { toml: '[throttle]\nfree_failures = 2\nfirst_wait = "10m"', programs: PROGRAMS },
)
