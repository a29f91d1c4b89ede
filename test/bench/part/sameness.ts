import {
  createLookalikes,
  INVENTED_CODE,
  LOOKALIKE_TOML,
  type Lookalike,
  type Lookalikes,
} from '../../break/lookalike.ts'
import { type Try, tryUnproven, tryUnprovenHere } from '../../break/unproven-login.ts'
import type { Otpgate, OtpgateHost } from '../../support/otpgate-host.ts'
import type { Measured } from '../bench-part.ts'
import { interleave } from '../interleave.ts'
import { type Sample, type Spread, summarize } from '../sample.ts'

/** Between medians. See SECURITY.md for where a few milliseconds remain. */
const SPREAD_BELOW_MS = 3
/** So many wrong codes lock nobody. */
const ROUNDS_BETWEEN_PARDONS = 15

/** One question that a stranger may ask about everybody. */
interface Question {
  readonly title: string
  readonly service: string
  readonly all: readonly Lookalike[]
}

type Way = (otpgate: Otpgate, service: string, person: Lookalike) => Try | Promise<Try>

const WAYS: Readonly<Record<string, Way>> = {
  'whole program': tryUnproven,
  'in one process': tryUnprovenHere,
}

/** How alike refusals are before a first factor is proven: bytes, and times. */
export async function measureSameness(host: OtpgateHost, rounds: number): Promise<Measured> {
  // A code that was used has to stay within the window as long as this runs.
  const otpgate = await host.install(`[totp]\nwindow = 4\n${LOOKALIKE_TOML}`)
  const people = await createLookalikes(host, otpgate)
  const samples: Sample[] = []
  const spreads: Spread[] = []
  for (const question of questionsAbout(people)) {
    for (const [where, tryOne] of Object.entries(WAYS)) {
      const { title, service, all } = question
      const name = `${title}, ${where}`
      const askAbout = (person: Lookalike) => tryOne(otpgate, service, person)
      const answers = await askAll({ ...people, all }, askAbout, rounds)
      const each = answers.map(({ what, milliseconds }) =>
        summarize(`${name}: ${what}`, 'ms', milliseconds),
      )
      samples.push(...each)
      spreads.push(toSpread(name, each, new Set(answers.flatMap(({ seen }) => seen)).size === 1))
    }
  }
  return { samples, ratios: [], spreads }
}

function questionsAbout({ all }: Lookalikes): readonly Question[] {
  const invented = all
    .filter(({ what }) => what !== 'replayed')
    .map((person) => ({ ...person, answer: INVENTED_CODE }))
  return [
    { title: 'nothing proven, code not looked at', service: 'sshd', all },
    { title: 'code alone', service: 'code-alone', all },
    { title: 'recovery code alone', service: 'code-alone', all: invented },
  ]
}

async function askAll(
  { all, forgive }: Lookalikes,
  ask: (person: Lookalike) => Try | Promise<Try>,
  rounds: number,
) {
  let asked = 0
  const subjects = all.map((person) => {
    const measure = async () => {
      if (asked++ % (ROUNDS_BETWEEN_PARDONS * all.length) === 0) await forgive()
      return ask(person)
    }
    return [person.what, measure] as const
  })
  const tries = await interleave(Object.fromEntries(subjects), rounds)
  return all.map(({ what }) => ({
    what,
    seen: tries(what).map(({ seen }) => seen),
    milliseconds: tries(what).map(({ milliseconds }) => milliseconds),
  }))
}

/** From the fastest median to the slowest. */
function toSpread(name: string, samples: readonly Sample[], isSameBytes: boolean): Spread {
  const medians = samples.map(({ p50 }) => p50)
  const ms = Math.max(...medians) - Math.min(...medians)
  return { name, ms, below: SPREAD_BELOW_MS, isSameBytes }
}
