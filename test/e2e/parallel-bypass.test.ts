import { expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { addCodeService, authenticateAtOnce } from '../support/code-service.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { enrollPerson } from '../support/enrolled-person.ts'

const AT_ONCE = 100
const USES = 7

describeOnHost(
  'of a hundred logins at the same time',
  (onHost) => {
    test(`exactly ${USES} get in with a bypass code for ${USES}`, async () => {
      const { host, otpgate } = onHost()
      const service = addCodeService(host, otpgate)
      const user = host.addUser()
      await enrollPerson(otpgate, user)
      const args = ['bypass', user.name, '--for', '1h', '--uses', String(USES), '--json']
      const issued: { code: string } = JSON.parse(await otpgate.require(args))
      const answers = Array<string>(AT_ONCE).fill(issued.code)
      const results = await authenticateAtOnce(service, user.name, answers)
      expect(results.filter(({ ok }) => ok)).toHaveLength(USES)
      const rows = await outlineLogins(otpgate, user.name)
      expect(rows.filter((row) => row === 'accepted bypass')).toHaveLength(USES)
      const listed = await otpgate.require(['bypass', 'list', user.name, '--json'])
      expect(JSON.parse(listed)).toMatchObject({ bypass_codes: [{ uses_left: 0 }] })
    })
  },
  // Each attempt is charged until its hash is compared: with few free ones a wait would thin them out.
  { timeoutMs: 300_000, toml: '[throttle]\nfree_failures = 20\nfailures_per_day = 100' },
)
