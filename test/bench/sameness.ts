import {
  createLookalikes,
  INVENTED_CODE,
  LOOKALIKE_TOML,
  measureLookalikes,
  spreadOf,
  tryUnproven,
  tryUnprovenHere,
} from '../break/lookalike.ts'
import { openOtpgateHost } from '../support/otpgate-host.ts'

/** `node test/bench/sameness.ts [rounds]`: how alike refusals are before a first factor is proven. */
const rounds = Number(process.argv[2] ?? 200)
const host = openOtpgateHost()
try {
  // A code that was used has to stay within the window as long as this runs.
  const otpgate = await host.install(`[totp]\nwindow = 4\n${LOOKALIKE_TOML}`)
  const people = await createLookalikes(host, otpgate)
  const typed = people.all
    .filter(({ what }) => what !== 'replayed')
    .map((person) => ({ ...person, answer: INVENTED_CODE }))
  for (const [service, all] of [
    ['sshd', people.all],
    ['code-alone', people.all],
    ['code-alone', typed],
  ] as const) {
    for (const [where, tryOne] of [
      ['in one process', tryUnprovenHere],
      ['the whole program', tryUnproven],
    ] as const) {
      const { seen, medians, quartiles } = await measureLookalikes(
        { ...people, all },
        rounds,
        (person) => tryOne(otpgate, service, person),
      )
      const spreads = { spread: spreadOf(medians), quartileSpread: spreadOf(quartiles) }
      const line = { service, where, seen: [...seen], medians, ...spreads }
      process.stdout.write(`${JSON.stringify(line)}\n`)
    }
  }
} finally {
  host.close()
}
