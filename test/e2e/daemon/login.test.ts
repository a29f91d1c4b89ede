import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { outlineLogins } from '../../support/audit-record.ts'
import { describeOnHost } from '../../support/describe-on-host.ts'
import { codeOf, steadyPeriodSeconds, wrongCodeOf } from '../../support/enrolled-person.ts'

describeOnHost(
  'a real login by way of the daemon',
  (onHost) => {
    test('is asked of the daemon at every line, and leaves what any login leaves', async () => {
      const { enroll, login, otpgate } = onHost()
      otpgate.daemon?.standAlone()
      const person = await enroll({ periodSeconds: steadyPeriodSeconds() })
      expect((await login(person, wrongCodeOf(person.app))).ok).toBe(false)
      const right = await login(person, codeOf(person.app))
      expect(right).toMatchObject({ ok: true, stdout: `${person.name}\n` })
      expect((await login(person, codeOf(person.app))).messages).toContain(
        'That code was used already. Wait for the next one.',
      )
      expect(await outlineLogins(otpgate, person.name)).toEqual([
        'denied code-wrong',
        'accepted totp',
        'denied code-replayed',
      ])
      expect(await otpgate.require(['audit', 'verify'])).toContain('rows')
    })

    test('stands in its journal, too', async () => {
      const { enroll, login, otpgate } = onHost()
      const person = await enroll()
      await login(person, codeOf(person.app))
      const lines = (otpgate.daemon?.readJournal() ?? '').trim().split('\n')
      const entries = lines.map((line) => JSON.parse(line))
      expect(entries).toContainEqual(
        expect.objectContaining({
          ...{ level: 'info', outcome: 'accepted', user: person.name, method: 'totp' },
        }),
      )
    })

    test('keeps the old configuration where the new one is broken', async () => {
      const { enroll, login, otpgate } = onHost()
      const [person, other] = [await enroll(), await enroll()]
      otpgate.configure('[messages]\nprompt = "Now the code."')
      expect((await login(person, codeOf(person.app))).messages).toContain('Now the code.')
      const good = readFileSync(otpgate.configFile, 'utf8')
      writeFileSync(otpgate.configFile, `${good}\nprompt = 7\n`)
      otpgate.daemon?.hangUp()
      expect((await login(other, codeOf(other.app))).messages).toContain('Now the code.')
      expect(otpgate.daemon?.readJournal()).toContain('ERR_CONFIG_INVALID')
      otpgate.configure('')
    })
  },
  { front: 'daemon' },
)
