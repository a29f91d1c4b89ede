import { afterAll, beforeAll, describe } from 'vitest'
import { type EnrolledPerson, type EnrollSettings, enrollPerson } from './enrolled-person.ts'
import { canRunEndToEnd, canRunWith } from './host-requirement.ts'
import { type Otpgate, type OtpgateHost, openOtpgateHost } from './otpgate-host.ts'
import type { PrivateSshd } from './private-sshd.ts'
import { startShippedSshd } from './shipped-sshd.ts'
import { type ClientResult, loginWithSsh } from './ssh-client.ts'

const SLOW_TEST_MS = 120_000

/** A host with one otpgate and an sshd set up as we ship it. */
export interface ShippedHost {
  readonly host: OtpgateHost
  readonly otpgate: Otpgate
  readonly sshd: PrivateSshd
  /** A new user, with a device that counts. */
  enroll(settings?: EnrollSettings): Promise<EnrolledPerson>
  /** Logs in by ssh with the person's key and these answers, and runs `id -un`. */
  login(person: Pick<EnrolledPerson, 'name' | 'key'>, ...answers: string[]): Promise<ClientResult>
}

export interface HostSettings {
  /** Lines of otpgate.toml. */
  readonly toml?: string
  /** What the suite calls besides what all of them do. */
  readonly programs?: readonly string[]
  /** Where the suite is about what stands behind the name otpgate-verify. */
  readonly front?: 'daemon'
  /** In place of the standard 120 s for each test. */
  readonly timeoutMs?: number
}

/** A suite on a host of its own, with real PAM and a real sshd. The host is there in its tests. */
export function describeOnHost(
  title: string,
  define: (onHost: () => ShippedHost) => void,
  { toml = '', timeoutMs = SLOW_TEST_MS, programs = [], front }: HostSettings = {},
): void {
  const canRun = canRunEndToEnd() && canRunWith(`tests of ${title}`, programs)
  describe.skipIf(!canRun)(title, { timeout: timeoutMs }, () => {
    let host: OtpgateHost
    let shipped: ShippedHost

    beforeAll(async () => {
      host = openOtpgateHost(front)
      shipped = await shipOn(host, toml)
    }, SLOW_TEST_MS)

    afterAll(() => host?.close())

    define(() => shipped)
  })
}

async function shipOn(host: OtpgateHost, toml: string): Promise<ShippedHost> {
  const otpgate = await host.install(toml)
  const sshd = await startShippedSshd(host, otpgate)
  return {
    host,
    otpgate,
    sshd,
    enroll: (settings) => enrollPerson(otpgate, host.addUser(), settings),
    login: ({ name, key }, ...answers) =>
      loginWithSsh(sshd, { user: name, key, answers, command: 'id -un' }),
  }
}
