import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse-config.ts'
import { BUDGETS, type Budget } from '../../src/domain/account.ts'
import { budgetPolicy } from '../../src/domain/standing.ts'

const SECURITY = readFileSync(join(import.meta.dirname, '../../SECURITY.md'), 'utf8')
const { throttle, totp } = parseConfig('', 'otpgate.toml')

/** Right answers among all: of six digits as many as steps are accepted; one in 60 random bits. */
const GUESS = (2 * totp.window + 1) / 1e6
const NINE_CODES = 9 / 1e6
const LONG_GUESS = 2 ** -60

/** At least one right among so many independent guesses; exact also where it is next to nothing. */
const chanceOf = (guesses: number, chance: number) => -Math.expm1(guesses * Math.log1p(-chance))
const percent = (chance: number) => `${Number((100 * chance).toPrecision(2))} %`
/** Three digits, where two would round. */
const exactPercent = (chance: number) => `${Number((100 * chance).toPrecision(3))} %`

function rowOf(name: string, budget: Budget, chance: number): string {
  const { freeFailures, failuresPerDay, lockAfter } = budgetPolicy(budget, throttle)
  const day = percent(chanceOf(failuresPerDay, chance))
  const year = percent(chanceOf(365 * failuresPerDay, chance))
  return `| ${name} | ${freeFailures} | ${failuresPerDay} | ${lockAfter} | ${day} | ${year} |`
}

const perDay = (...budgets: readonly Budget[]) =>
  budgets.reduce((sum, budget) => sum + budgetPolicy(budget, throttle).failuresPerDay, 0)
const SSH_BUDGETS = ['code', 'knownSource', 'oneTimeCode'] as const
const overSsh = perDay('code', 'knownSource')
/** What is typed outside SSH may be a code or a recovery code; codes are easier to guess. */
const anywhere = perDay('code', 'knownSource', 'local')

describe('SECURITY.md states what the standard numbers allow', () => {
  test.each([
    rowOf('codes', 'code', GUESS),
    rowOf('codes from a known source', 'knownSource', GUESS),
    rowOf('recovery and bypass codes', 'oneTimeCode', LONG_GUESS),
    rowOf('all codes outside SSH', 'local', GUESS),
  ])('in the row %s', (row) => {
    expect(SECURITY).toContain(row)
  })

  test.each([
    { name: 'all over SSH', all: perDay(...SSH_BUDGETS), codes: overSsh },
    { name: 'all of them', all: perDay(...BUDGETS), codes: anywhere },
  ])('of $name together', ({ name, all, codes }) => {
    const day = percent(chanceOf(codes, GUESS))
    const year = percent(chanceOf(365 * codes, GUESS))
    expect(SECURITY).toContain(`| ${name} | | ${all} | | ${day} | ${year} |`)
  })

  test('until everything is locked, and where nine codes are right', () => {
    const untilLocked = throttle.lockAfter + budgetPolicy('knownSource', throttle).lockAfter
    const inAll = percent(chanceOf(untilLocked, GUESS))
    expect(SECURITY).toContain(`after ${untilLocked} codes: ${inAll} in all`)
    const day = exactPercent(chanceOf(overSsh, NINE_CODES))
    const year = percent(chanceOf(365 * overSsh, NINE_CODES))
    expect(SECURITY.replace(/\s+/g, ' ')).toContain(`${day} in a day and ${year} in a year`)
  })
})
