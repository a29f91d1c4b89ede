import { spawnSync } from 'node:child_process'
import { FRESH_THROTTLE, type ThrottleState } from '../../src/domain/throttle.ts'
import { now } from '../../src/host/clock.ts'
import { loadConfig, openPorts } from '../../src/wire.ts'
import { verify } from '../pam/verifier-world.ts'
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
const SELDOM = 15
const LONGEST_PERIOD_SECONDS = 120
const TIME_LIMIT = { busyMilliseconds: 10_000, beforeCommit: () => {} }

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

/** What the program did with one answer. */
export interface Try {
  readonly seen: string
  readonly milliseconds: number
}

/** All that was seen, and the times of each in milliseconds. */
export interface Sameness {
  readonly seen: ReadonlySet<string>
  readonly medians: Times
  /** A quarter was faster: what others do on the machine shows less here. */
  readonly quartiles: Times
}

type Times = Readonly<Record<string, number>>

/** An SSH login of which nothing is proven: the service decides whether the code is looked at. */
export function tryUnproven(otpgate: Otpgate, service: string, { name, answer }: Lookalike): Try {
  const [program, ...args] = otpgate.verifier
  const env = {
    PAM_SERVICE: service,
    PAM_USER: name,
    PAM_TYPE: 'auth',
    PAM_TTY: 'ssh',
    PAM_RHOST: '192.0.2.7',
    SSH_CONNECTION: BEHIND_A_KEY.SSH_CONNECTION,
  }
  const before = performance.now()
  const { status, stdout, stderr } = spawnSync(program, args, { env, input: answer, cwd: '/' })
  const milliseconds = performance.now() - before
  return { seen: `${status} ${stdout.toString('hex')} ${stderr.toString('hex')}`, milliseconds }
}

/** The same without the program around it: of what is left, small differences show. */
export async function tryUnprovenHere(
  otpgate: Otpgate,
  service: string,
  { name, answer }: Lookalike,
): Promise<Try> {
  const config = loadConfig(otpgate.configFile)
  const world = { loadConfig: () => config, openPorts: () => openPorts(config, TIME_LIMIT), now }
  const environment = { service, user: name, sshAuthInfo: undefined }
  const before = performance.now()
  const { isAdmitted, said } = await verify({ answer, environment, world })
  return { seen: JSON.stringify({ isAdmitted, said }), milliseconds: performance.now() - before }
}

/** `rounds` tries of each, one after the other in each round. */
export async function measureLookalikes(
  { all, forgive }: Lookalikes,
  rounds: number,
  tryOne: (person: Lookalike) => Try | Promise<Try>,
): Promise<Sameness> {
  const seen = new Set<string>()
  const times = new Map(all.map(({ what }): [string, number[]] => [what, []]))
  for (let round = 0; round < rounds; round++) {
    if (round % SELDOM === 0) await forgive()
    // Begins elsewhere each time: to come after somebody who wrote must not always be the same's lot.
    for (const index of all.keys()) {
      const person = all[(round + index) % all.length]
      if (person === undefined) continue
      const result = await tryOne(person)
      seen.add(result.seen)
      times.get(person.what)?.push(result.milliseconds)
    }
  }
  const at = (share: number): Times =>
    Object.fromEntries([...times].map(([what, measured]) => [what, quantile(measured, share)]))
  return { seen, medians: at(0.5), quartiles: at(0.25) }
}

/** How far the slowest is behind the fastest. */
export function spreadOf(times: Times): number {
  return Math.max(...Object.values(times)) - Math.min(...Object.values(times))
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

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN
}
