import { expect, test } from 'vitest'
import { readFailures } from '../../support/audit-record.ts'
import { addCodeService } from '../../support/code-service.ts'
import { enrollCountingPerson, logInOnce } from '../../support/counting-person.ts'
import { describeOnHost } from '../../support/describe-on-host.ts'
import { findProcessesNaming } from '../../support/process-tree.ts'
import { runWithin } from '../../support/run-within.ts'

/** Each of the two lines of a login waits 2 s for the daemon, and then takes what direct mode takes. */
const LINE_MS = 5000

describeOnHost(
  'a daemon that does not answer',
  (onHost) => {
    test('because it is stopped, is passed over within 5 s a line, and nothing stays', async () => {
      const { host, otpgate } = onHost()
      const service = addCodeService(host, otpgate)
      const person = await enrollCountingPerson(host, otpgate)
      const pid = otpgate.daemon?.pid() ?? 0
      process.kill(pid, 'SIGSTOP')
      try {
        let port = 51_000
        const result = await runWithin(2 * LINE_MS, () =>
          logInOnce(service, person.name, person.press(), port++),
        )
        expect(result.ok).toBe(true)
        expect(result.milliseconds).toBeLessThan(2 * LINE_MS)
        expect(findProcessesNaming(otpgate.configFile)).toEqual([pid])
        // A wrong code counts once, though the daemon finds it as well when it wakes.
        expect((await logInOnce(service, person.name, '000000', 50_001)).ok).toBe(false)
      } finally {
        process.kill(pid, 'SIGCONT')
      }
      expect((await logInOnce(service, person.name, person.last(), 50_002)).ok).toBe(false)
      expect(await readFailures(otpgate, person.name)).toBe(1)
      expect((await logInOnce(service, person.name, person.press(), 50_004)).ok).toBe(true)
    })

    test('because it is not there, is passed over, and direct mode decides', async () => {
      const { host, otpgate } = onHost()
      const service = addCodeService(host, otpgate)
      const person = await enrollCountingPerson(host, otpgate)
      otpgate.daemon?.stop()
      try {
        expect((await logInOnce(service, person.name, person.press(), 50_010)).ok).toBe(true)
        expect((await logInOnce(service, person.name, person.last(), 50_012)).ok).toBe(false)
      } finally {
        otpgate.daemon?.start()
      }
    })
  },
  { front: 'daemon' },
)
