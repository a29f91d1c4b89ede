import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { addCodeService } from '../../support/code-service.ts'
import {
  type CountingPerson,
  enrollCountingPerson,
  logInOnce,
} from '../../support/counting-person.ts'
import type { DaemonFront } from '../../support/daemon-front.ts'
import { describeOnHost } from '../../support/describe-on-host.ts'
import type { Otpgate } from '../../support/otpgate-host.ts'

const CLIENTS = 4
const BYPASS_USES = 10
/** OTPGATE_TEST_SECONDS=60 for as long as a minute. */
const SECONDS = Number(process.env.OTPGATE_TEST_SECONDS ?? 15)
/** Long enough for some logins to be answered, short enough to meet many of them halfway. */
const LIFE_MS = 60

interface Tally {
  logins: number
  deniedRight: number
  acceptedTwice: number
  kills: number
}

describeOnHost(
  'a daemon that is killed again and again',
  (onHost) => {
    test('denies no right code, takes none twice, and answers no login wrongly', async () => {
      const { host, otpgate } = onHost()
      const service = addCodeService(host, otpgate)
      const people: CountingPerson[] = []
      while (people.length < CLIENTS) people.push(await enrollCountingPerson(host, otpgate))
      // One more, with a code that takes a slow hash: killed between its two transactions as well.
      const guest = await enrollCountingPerson(host, otpgate)
      const bypass = await issueBypass(otpgate, guest.name)
      const tally: Tally = { logins: 0, deniedRight: 0, acceptedTwice: 0, kills: 0 }
      const end = Date.now() + SECONDS * 1000
      const isOver = () => Date.now() >= end
      await Promise.all([
        killAgainAndAgain(otpgate.daemon, tally, isOver),
        logInByBypass(service, guest.name, bypass, tally, isOver),
        ...people.map((person, index) =>
          logInAgainAndAgain(service, person, 10_000 * (index + 1), tally, isOver),
        ),
      ])
      expect(tally).toMatchObject({ deniedRight: 0, acceptedTwice: 0 })
      // A busy machine takes seconds to start one again: enough of both, or nothing was tried.
      expect(tally.kills).toBeGreaterThan(SECONDS / 5)
      expect(tally.logins).toBeGreaterThan(SECONDS / 5)
      console.log(`${JSON.stringify(tally)} in ${SECONDS} s`)
      expect(await otpgate.require(['audit', 'verify'])).toContain('rows')
    })
  },
  { front: 'daemon', timeoutMs: (SECONDS + 120) * 1000 },
)

async function killAgainAndAgain(
  daemon: DaemonFront | undefined,
  tally: Tally,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    await wait(Math.random() * LIFE_MS)
    daemon?.stop('SIGKILL')
    tally.kills++
    await daemon?.startSoon()
  }
}

/** A code that is right as often as it is typed. */
async function issueBypass(otpgate: Otpgate, name: string): Promise<string> {
  const issue = [
    'bypass',
    name,
    '--for',
    '1h',
    '--uses',
    String(BYPASS_USES),
    '--reason',
    'test',
    '--json',
  ]
  const issued: { readonly code: string } = JSON.parse(await otpgate.require(issue))
  return issued.code
}

async function logInByBypass(
  service: string,
  user: string,
  code: string,
  tally: Tally,
  isOver: () => boolean,
): Promise<void> {
  for (let use = 0; use < BYPASS_USES && !isOver(); use++) {
    if (!(await logInOnce(service, user, code, 60_000 + use)).ok) tally.deniedRight++
    tally.logins++
  }
}

/** Each right code, and then the same one again. */
async function logInAgainAndAgain(
  service: string,
  person: CountingPerson,
  firstPort: number,
  tally: Tally,
  isOver: () => boolean,
): Promise<void> {
  for (let port = firstPort; !isOver(); port += 2) {
    const right = await logInOnce(service, person.name, person.press(), port)
    if (!right.ok) tally.deniedRight++
    const again = await logInOnce(service, person.name, person.last(), port + 1)
    if (again.ok) tally.acceptedTwice++
    tally.logins += 2
  }
}
