import { toPrintable } from '../../base/text.ts'
import { readSshdLines } from '../../host/sshd-config-file.ts'
import type { SetupPlaces } from './places.ts'

/** What the recipes say for everybody; a block that says otherwise wins for whom it is about. */
const KEYWORDS: readonly string[] = [
  'usepam',
  'kbdinteractiveauthentication',
  'challengeresponseauthentication',
  'authenticationmethods',
]

/**
 * Lines of `Match` blocks that go on holding for some people, in words: a robot that logs in by its key
 * alone is refused by PAM's account line from now on, unless a rule excuses it.
 */
export function findOtherBlocks({
  sshdConfig,
}: Pick<SetupPlaces, 'sshdConfig'>): readonly string[] {
  return readSshdLines(sshdConfig)
    .filter(({ keyword, match }) => match !== undefined && KEYWORDS.includes(keyword))
    .map(({ file, line, keyword, value, match = '' }) => {
      const where = `${toPrintable(file)} line ${line}`
      const what = `"${keyword} ${toPrintable(value)}"`
      return `${where} goes on saying ${what} for Match ${toPrintable(match)}: it may need a rule`
    })
}

/**
 * Lines for everybody that count no more: in sshd the first value wins, and set-up's file is the first.
 */
export function findOverridden({ sshdConfig }: Pick<SetupPlaces, 'sshdConfig'>): readonly string[] {
  return readSshdLines(sshdConfig)
    .filter(({ keyword, match }) => match === undefined && keyword === 'authenticationmethods')
    .map(({ file, line, value }) => {
      const where = `${toPrintable(file)} line ${line}`
      return `${where} says "authenticationmethods ${toPrintable(value)}": it does not count any more`
    })
}
