import { enrollDevice } from '../../../src/app/enroll-device.ts'
import { RECOVERY_CODES } from '../../../src/domain/one-time-code.ts'
import { loadConfig, openPorts, type Ports } from '../../../src/wire.ts'
import { parseName, parseUid } from '../../store/sample.ts'
import type { OtpgateHost } from '../../support/otpgate-host.ts'
import type { Measured } from '../bench-part.ts'
import { interleave } from '../interleave.ts'
import { relate, summarize } from '../sample.ts'

const TIME_LIMIT = { busyMilliseconds: 10_000, beforeCommit: () => {} }

/** One enrolment with its recovery codes, over nothing but the hashes of as many codes, on all cores. */
export async function measureEnrolment(host: OtpgateHost, rounds: number): Promise<Measured> {
  const otpgate = await host.install()
  const ports = openPorts(loadConfig(otpgate.configFile), TIME_LIMIT)
  let enrolled = 0
  try {
    const times = await interleave(
      {
        hashes: () => time(() => hashAll(ports)),
        enrolment: () => time(() => enroll(ports, ++enrolled)),
      },
      rounds,
    )
    const hashes = summarize(`${RECOVERY_CODES} argon2 hashes, all cores`, 'ms', times('hashes'))
    const name = `enrolment with ${RECOVERY_CODES} recovery codes`
    const enrolment = summarize(name, 'ms', times('enrolment'))
    return { samples: [hashes, enrolment], ratios: [relate(enrolment, hashes, 'enrolment')] }
  } finally {
    ports.close()
  }
}

function hashAll({ hasher }: Ports): Promise<unknown> {
  const secrets = Array.from({ length: RECOVERY_CODES }, (_, index) => `secret ${index}`)
  return Promise.all(secrets.map((secret) => hasher.hash(secret)))
}

function enroll(ports: Ports, number: number): Promise<unknown> {
  return enrollDevice(ports, {
    entry: { name: parseName(`person${number}`), uid: parseUid(20_000 + number) },
    actor: 'root',
    label: 'phone',
    parameters: { kind: 'totp', algorithm: 'SHA1', digits: 6, periodSeconds: 30 },
    secret: undefined,
    countsUnconfirmed: true,
    mintCodes: true,
  })
}

async function time(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await run()
  return performance.now() - begun
}
