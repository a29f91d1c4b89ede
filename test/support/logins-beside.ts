import { type CountingPerson, logInOnce } from './counting-person.ts'

/** What became of logins with right codes. */
export interface LoginTally {
  logins: number
  denied: number
}

/** Logs these people in again and again, each with a new right code, until `work` is done. */
export async function logInBeside(
  service: string,
  people: readonly CountingPerson[],
  work: Promise<unknown>,
): Promise<LoginTally> {
  const tally = { logins: 0, denied: 0 }
  let isOver = false
  const end = () => {
    isOver = true
  }
  const one = async (person: CountingPerson, firstPort: number) => {
    // One more after the end: in what the work has left.
    for (let port = firstPort, isLast = false; !isLast; port++) {
      isLast = isOver
      const { ok } = await logInOnce(service, person.name, person.press(), port)
      tally.logins++
      if (!ok) tally.denied++
    }
  }
  const all = people.map((person, index) => one(person, 10_000 * (index + 1)))
  await Promise.all([work.finally(end), ...all])
  return tally
}
