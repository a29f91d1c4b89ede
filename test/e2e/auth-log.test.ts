import { expect, test } from 'vitest'
import { readLogins } from '../support/audit-record.ts'
import { fingerprintOf } from '../support/client-key.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, wrongCodeOf } from '../support/enrolled-person.ts'
import { startPrivateSyslog } from '../support/private-syslog.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

/** Facility authpriv (10) with its severities notice and info (RFC 3164 section 4.1.1). */
const NOTICE = 85
const INFO = 86

describeOnHost('the authpriv log', (onHost) => {
  test('gets one line a judged code, which names its audit row and no code', async () => {
    const { enroll, host, otpgate } = onHost()
    const syslog = await startPrivateSyslog(host, otpgate)
    const { verifier } = syslog
    const programs = { excused: verifier, code: verifier, account: verifier }
    const sshd = await startShippedSshd(host, otpgate, { programs })
    const { name: user, key, app } = await enroll()
    const answers = [wrongCodeOf(app), codeOf(app)]
    expect((await loginWithSsh(sshd, { user, key, answers })).ok).toBe(true)

    const messages = await syslog.readMessages()
    syslog.close()
    expect(messages).toHaveLength(2)
    const [denied, accepted] = messages
    const rows = await readLogins(otpgate, user)
    const stamps = rows.map(({ seq, hash }) => `audit=${seq}:${hash.slice(0, 8)}`)
    const first = `first="publickey ${fingerprintOf(key)}"`
    expect(denied).toMatch(
      new RegExp(`^<${NOTICE}>(?:.* )?otpgate-verify\\[\\d+\\]: denied user=${user} `),
    )
    expect(denied).toContain(' reason=code-wrong from=127.0.0.1 ')
    expect(denied?.trimEnd().endsWith(` ${first} ${stamps[0]}`)).toBe(true)
    expect(accepted).toMatch(
      new RegExp(`^<${INFO}>.*: accepted user=${user} method=totp device=phone `),
    )
    expect(accepted?.trimEnd().endsWith(` ${first} ${stamps[1]}`)).toBe(true)
    for (const answer of answers) expect(messages.join('')).not.toContain(answer)
  })

  test('gets the cause where something is broken', async () => {
    const { enroll, host, otpgate } = onHost()
    const broken = await host.install()
    const syslog = await startPrivateSyslog(host, broken)
    const sshd = await startShippedSshd(host, broken, { programs: { code: syslog.verifier } })
    const { name: user, key, app } = await enroll()
    broken.configure('[totp]\ndigits = 5')
    expect((await loginWithSsh(sshd, { user, key, answers: [codeOf(app)] })).ok).toBe(false)
    const messages = await syslog.readMessages()
    syslog.close()
    expect(messages).toEqual([
      expect.stringMatching(
        /^<83>(?:.* )?otpgate-verify\[\d+\]: error user=\w+ reason=ERR_CONFIG_INVALID /,
      ),
    ])
    expect(await readLogins(otpgate, user)).toEqual([])
  })
})
