import { copyFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { addCodeService } from '../../support/code-service.ts'
import { enrollCountingPerson, logInOnce } from '../../support/counting-person.ts'
import { DAEMON_PROGRAM, type DaemonFront } from '../../support/daemon-front.ts'
import { describeOnHost } from '../../support/describe-on-host.ts'
import { logInBeside } from '../../support/logins-beside.ts'
import { addManyPeople } from '../../support/many-people.ts'
import type { Otpgate } from '../../support/otpgate-host.ts'

const PEOPLE = 500

describeOnHost(
  'a daemon that has the key it was started with',
  (onHost) => {
    test('denies nobody while the key is changed and after it, and judges again once it is restarted', async () => {
      const { host, otpgate } = onHost()
      const daemon = startWithCredential(otpgate)
      await addManyPeople(otpgate, PEOPLE)
      const [alice, bob] = [
        await enrollCountingPerson(host, otpgate),
        await enrollCountingPerson(host, otpgate),
      ]
      const service = addCodeService(host, otpgate)
      const rotate = ['key', 'rotate', '--yes', '--json', '--socket', daemon.socket]
      const rotation = otpgate.require(rotate)
      const { logins, denied } = await logInBeside(service, [alice, bob], rotation)
      expect(denied).toBe(0)
      expect(logins).toBeGreaterThan(4)
      expect(JSON.parse(await rotation)).toMatchObject({ restart_daemon: true })
      // It leaves them to the direct verifier: without that one it decides nothing, for or against.
      daemon.standAlone()
      const before = await otpgate.require(['show', alice.name, '--json'])
      expect((await logInOnce(service, alice.name, alice.press(), 50_001)).ok).toBe(false)
      const after = await otpgate.require(['show', alice.name, '--json'])
      expect(JSON.parse(after).failures).toBe(JSON.parse(before).failures)
      expect(daemon.readJournal()).toContain('ERR_KEY_WRONG')
      startWithCredential(otpgate)
      expect((await logInOnce(service, alice.name, alice.press(), 50_002)).ok).toBe(true)
      expect((await logInOnce(service, bob.name, bob.press(), 50_003)).ok).toBe(true)
    })
  },
  { front: 'daemon' },
)

/** As systemd does it: with a copy of the key as it is now, and without the file of root's. */
function startWithCredential({ daemon, configFile }: Otpgate): DaemonFront {
  if (daemon === undefined) throw new Error('there is no daemon')
  const directory = dirname(daemon.socket)
  const credential = join(directory, `credential-${Date.now()}`)
  const program = `${credential}-start`
  copyFileSync(join(dirname(configFile), 'master.key'), credential)
  writeFileSync(program, `#!/bin/sh\nexec ${DAEMON_PROGRAM} "$@" --key ${credential}\n`, {
    mode: 0o755,
  })
  daemon.stop()
  daemon.start(program)
  return daemon
}
