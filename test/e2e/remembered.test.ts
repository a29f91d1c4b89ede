import { expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { authorizeKeys } from '../support/client-key.ts'
import { addCodeService, authenticateAtOnce } from '../support/code-service.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, enrollPerson, wrongCodeOf } from '../support/enrolled-person.ts'
import { FROM_ELSEWHERE, readSources } from '../support/known-source.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

const LOCK_AFTER = 10

describeOnHost(
  'a remembered login',
  (onHost) => {
    test('needs no code again from the same address with the same key, and no other', async () => {
      const { host, login, otpgate, sshd } = onHost()
      const user = host.addUser()
      const other = { ...user, key: host.createStrangerKey() }
      authorizeKeys(user, [user.key, other.key])
      const { app } = await enrollPerson(otpgate, user)
      const elsewhere = { user: user.name, key: user.key, answers: [], options: FROM_ELSEWHERE }

      expect((await login(user)).ok).toBe(false)
      expect((await login(user, codeOf(app))).ok).toBe(true)
      const before = await readSources(otpgate, user.name)
      expect(await login(user)).toMatchObject({ ok: true, prompts: [], messages: [] })
      expect((await login(other)).ok).toBe(false)
      expect((await loginWithSsh(sshd, elsewhere)).ok).toBe(false)
      expect(before).toMatchObject([{ network: '127.0.0.1' }])
      expect(await readSources(otpgate, user.name), 'prolonged').toEqual(before)
      expect(await outlineLogins(otpgate, user.name)).toEqual([
        'denied empty',
        'accepted totp',
        'excused remembered',
      ])
    })

    test('is asked again once its source was revoked', async () => {
      const { enroll, login, otpgate } = onHost()
      const person = await enroll()
      expect((await login(person, codeOf(person.app))).ok).toBe(true)
      await otpgate.require(['source', 'revoke', person.name, '127.0.0.1'])
      expect((await login(person)).ok).toBe(false)
    })

    test('is denied after a reset', async () => {
      const { enroll, login, otpgate } = onHost()
      const person = await enroll()
      expect((await login(person, codeOf(person.app))).ok).toBe(true)
      await otpgate.require(['reset', person.name, '--yes'])
      expect((await login(person)).ok).toBe(false)
      expect(await readSources(otpgate, person.name)).toEqual([])
    })

    test('is asked again once wrong codes from elsewhere have locked the account', async () => {
      const { enroll, host, login, otpgate } = onHost()
      const service = addCodeService(host, otpgate)
      const person = await enroll()
      const guess = (count: number) => Array<string>(count).fill(wrongCodeOf(person.app))
      expect((await login(person, codeOf(person.app))).ok).toBe(true)
      await authenticateAtOnce(service, person.name, guess(LOCK_AFTER - 1))
      expect((await login(person)).ok).toBe(true)
      await authenticateAtOnce(service, person.name, guess(1))
      expect((await login(person)).ok).toBe(false)
      expect(await readSources(otpgate, person.name)).toMatchObject([{ remembered_until: null }])
    })
  },
  { toml: `[remember]\nfor = "1h"\n[throttle]\nfree_failures = 20\nlock_after = ${LOCK_AFTER}` },
)
