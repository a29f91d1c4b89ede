import { expect, test } from 'vitest'
import { appCode } from '../support/app-code.ts'
import { outlineLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import type { PrivateSshd } from '../support/private-sshd.ts'
import { runProgram } from '../support/run-program.ts'
import { openSelfService } from '../support/self-service.ts'
import { readExample } from '../support/shipped-example.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'
import { runOnTerminal } from '../support/terminal-session.ts'
import type { HostUser } from '../support/throwaway-host.ts'

const ASKED = 'Type the code your app shows: '
const GROUP = 'otpgate-invited'

describeOnHost(
  'the recipe for people who only jump',
  (onHost) => {
    test('has somebody invited enroll at the first login, and asks for a code at the next', async () => {
      const { host, otpgate } = onHost()
      const user = host.addUser()
      const service = openSelfService(host, otpgate)
      service.allow(user)
      // The user's own group stands in for the one of the recipe.
      const block = service.fill('sshd_config.d/50-otpgate-jump.conf').replaceAll(GROUP, user.name)
      const config = `${readExample('sshd_config.d/00-otpgate.conf')}\n${block}`
      const sshd = await startShippedSshd(host, otpgate, { config })
      await otpgate.require(['invite', user.name, '--for', '1h'])

      const command = await loginWithSsh(sshd, {
        user: user.name,
        key: user.key,
        command: 'id -un',
      })
      expect(command.stdout).not.toContain(`${user.name}\n`)
      expect(command.ok).toBe(false)
      const forwarded = await runProgram(
        'ssh',
        sshArgs(sshd, user, ['-W', `127.0.0.1:${sshd.port}`]),
      )
      expect(forwarded.stdout).toBe('')
      expect(forwarded.stderr).toMatch(/administratively prohibited|forwarding failed/)

      const line = ['ssh', ...sshArgs(sshd, user, ['-tt'])].map((each) => `'${each}'`).join(' ')
      const turn = { after: ASKED, keys: (screen: string) => `${appCode(secretOn(screen))}\r` }
      const seen = await runOnTerminal(line, [turn], { columns: 120, rows: 50 })
      expect(seen.status, seen.screen).toBe(0)
      expect(seen.screen).toContain(`${user.name} is enrolled.`)
      expect(seen.screen).toContain('Recovery codes of')
      expect(seen.screen).toContain('\u2588')

      const key = { user: user.name, key: user.key }
      expect(await loginWithSsh(sshd, { ...key, answers: ['000000'] })).toMatchObject({
        ok: false,
        prompts: ['Password: '],
      })
      const answers = [appCode(secretOn(seen.screen), 'now + 30 seconds')]
      const again = await loginWithSsh(sshd, { ...key, answers })
      expect(again.status).toBe(4)
      expect(again.stderr).toContain('you are enrolled already')
      expect((await outlineLogins(otpgate, user.name)).slice(-2)).toEqual([
        'denied code-wrong',
        'accepted totp',
      ])
    })
  },
  { programs: ['sudo', 'visudo', 'script'] },
)

function sshArgs(sshd: PrivateSshd, user: HostUser, more: readonly string[]): string[] {
  const options = [
    `UserKnownHostsFile=${sshd.knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'LogLevel=INFO',
  ]
  const target = ['-p', String(sshd.port), '-l', user.name, sshd.host]
  const identity = ['-F', 'none', '-i', user.key.file]
  return [...identity, ...options.flatMap((option) => ['-o', option]), ...more, ...target]
}

function secretOn(screen: string): string {
  const uri = /otpauth:\S+/.exec(screen)?.[0] ?? ''
  return new URL(uri).searchParams.get('secret') ?? ''
}
