import { FRESH_THROTTLE, type ThrottleState } from '../../src/domain/throttle.ts'
import { loadConfig, openPorts } from '../../src/wire.ts'
import { toAccountName } from '../support/account-fixture.ts'
import { addCodeService, BEHIND_A_KEY } from '../support/code-service.ts'
import {
  codeOf,
  type EnrolledPerson,
  enrollPerson,
  wrongCodeOf,
} from '../support/enrolled-person.ts'
import type { Otpgate, OtpgateHost } from '../support/otpgate-host.ts'
import { runPamTester } from '../support/pam-tester.ts'

/** Lets a wrong code be typed often, and locks nobody by itself. */
export const LOOKALIKE_TOML = `[throttle]
free_failures = 20
failures_per_day = 100
[policy]
code_alone = ["code-alone"]`

/** Of no recovery code that anybody has. */
export const INVENTED_CODE = '0000-0000-0000-0000'
const LONGEST_PERIOD_SECONDS = 120
/** For ports that are opened here. */
export const TIME_LIMIT = { busyMilliseconds: 10_000, beforeCommit: () => {} }

/** Whoever a stranger may be asking about, and what is typed for them. */
export interface Lookalike {
  readonly what: string
  readonly name: string
  readonly answer: string
}

/** Everybody a stranger must not be able to tell apart. */
export interface Lookalikes {
  readonly all: readonly Lookalike[]
  /** Takes back what wrong codes have been charged. */
  forgive(): Promise<void>
}

/** A user the host does not have, one without a row, one locked, one guessing, one replaying. */
export async function createLookalikes(host: OtpgateHost, otpgate: Otpgate): Promise<Lookalikes> {
  const enroll = () =>
    enrollPerson(otpgate, host.addUser(), { periodSeconds: LONGEST_PERIOD_SECONDS })
  const [locked, guessing, replaying] = [await enroll(), await enroll(), await enroll()]
  const stranger = host.addUser()
  await setThrottle(otpgate, locked, { ...FRESH_THROTTLE, consecutiveFailures: 100 })
  const used = await useCode(host, otpgate, replaying)
  const wrong = wrongCodeOf(guessing.app)
  const lookalikes = [
    { what: 'unknown', name: `${stranger.name}x`, answer: wrong },
    { what: 'never known', name: stranger.name, answer: wrong },
    { what: 'locked', name: locked.name, answer: codeOf(locked.app) },
    { what: 'wrong', name: guessing.name, answer: wrong },
    { what: 'replayed', name: replaying.name, answer: used },
  ]
  return { all: lookalikes, forgive: () => setThrottle(otpgate, guessing, FRESH_THROTTLE) }
}

/** By way of the store: an admin's command would take a fifth of a second, and leave a row. */
async function setThrottle(
  otpgate: Otpgate,
  { name }: EnrolledPerson,
  throttle: ThrottleState,
): Promise<void> {
  const { store, close } = openPorts(loadConfig(otpgate.configFile), TIME_LIMIT)
  try {
    await store.transact(toAccountName(name), () => ({
      changes: [
        { kind: 'set-throttle', budget: 'code', throttle },
        { kind: 'set-throttle', budget: 'oneTimeCode', throttle },
      ],
      result: undefined,
    }))
  } finally {
    close()
  }
}

async function useCode(host: OtpgateHost, otpgate: Otpgate, person: EnrolledPerson) {
  const service = addCodeService(host, otpgate)
  const code = codeOf(person.app)
  const run = { service, user: person.name, answers: [code], env: BEHIND_A_KEY }
  const { ok, output } = await runPamTester(run)
  if (!ok) throw new Error(`the right code was refused: ${output}`)
  return code
}
