import { expect, test } from 'vitest'
import { BAN_PROGRAMS, layBanFilter } from '../fail2ban/ban-filter.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, wrongCodeOf } from '../support/enrolled-person.ts'
import { startPrivateSyslog } from '../support/private-syslog.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

/** `<priority>date tag[pid]: line`, where the client leaves the date to syslog. */
const MESSAGE = /^<\d+>(?:.* )?(otpgate-verify\[\d+\]: .*)$/
/** An sshd of a test has a service of its own; the host's is called sshd. */
const TEST_SERVICE = / service=otpgate-test-\S+/

describeOnHost(
  'fail2ban',
  (onHost) => {
    const scratch = useScratchDirectory()

    test('finds the wrong codes of a real login in our log, and not the right one', async () => {
      const { enroll, host, otpgate } = onHost()
      const syslog = await startPrivateSyslog(host, otpgate)
      const { verifier } = syslog
      const programs = { excused: verifier, code: verifier, account: verifier }
      const sshd = await startShippedSshd(host, otpgate, { programs })
      const { name: user, key, app } = await enroll()
      const answers = [wrongCodeOf(app), wrongCodeOf(app), codeOf(app)]
      expect((await loginWithSsh(sshd, { user, key, answers })).ok).toBe(true)
      const messages = await syslog.readMessages()
      syslog.close()

      expect(messages).toHaveLength(3)
      const lines = messages.map((each) => {
        const [, line] = MESSAGE.exec(each.trimEnd()) ?? []
        return `Nov 22 08:17:00 bastion ${line?.replace(TEST_SERVICE, ' service=sshd')}`
      })
      expect(layBanFilter(scratch).findAddresses(lines)).toEqual(['127.0.0.1', '127.0.0.1'])
    })
  },
  { programs: BAN_PROGRAMS },
)
