import {
  createLookalikes,
  INVENTED_CODE,
  LOOKALIKE_TOML,
  measureLookalikes,
  spreadOf,
} from '../break/lookalike.ts'
import { openOtpgateHost } from '../support/otpgate-host.ts'

/** `node test/bench/sameness.ts [rounds]`: how alike refusals are before a first factor is proven. */
const rounds = Number(process.argv[2] ?? 200)
const host = openOtpgateHost()
try {
  const otpgate = await host.install(LOOKALIKE_TOML)
  const people = await createLookalikes(host, otpgate)
  const typed = people.all
    .filter(({ what }) => what !== 'replayed')
    .map((person) => ({ ...person, answer: INVENTED_CODE }))
  for (const [service, all] of [
    ['sshd', people.all],
    ['code-alone', people.all],
    ['code-alone', typed],
  ] as const) {
    const { seen, medians, quartiles } = await measureLookalikes(
      otpgate,
      service,
      { ...people, all },
      rounds,
    )
    const figures = { medians, spread: spreadOf(medians), quartileSpread: spreadOf(quartiles) }
    process.stdout.write(`${JSON.stringify({ service, seen: [...seen], ...figures })}\n`)
  }
} finally {
  host.close()
}
