import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'

/** The line that set-up puts the recipe in the place of: Debian's own, and Ubuntu's. */
const OWN_STACK = /^[ \t]*@include[ \t]+common-auth[ \t]*(?:#.*)?$/
const COMMENT = /^[ \t]*#/

/**
 * The text of sshd's PAM service with the recipe in the place of the distribution's own stack; nothing
 * else changes. Throws ERR_REFUSED where it is not plain which line that is, and where otpgate is there
 * already: nothing is guessed in a file that decides about logins.
 */
export function includeRecipe(text: string, path: string, recipeName: string): string {
  const lines = text.split('\n')
  const isNamed = lines.some((line) => !COMMENT.test(line) && line.includes('otpgate'))
  if (isNamed) {
    throw new AppError('ERR_REFUSED', `${toPrintable(path)} asks otpgate already`, {
      hint: 'see: otpgate doctor; to begin anew take it out first, by: otpgate setup revert',
    })
  }
  const places = lines.flatMap((line, index) => (OWN_STACK.test(line) ? [index] : []))
  const [place] = places
  if (place === undefined || places.length > 1) throw notPlain(path, places.length, recipeName)
  return lines.with(place, `@include ${recipeName}`).join('\n')
}

function notPlain(path: string, found: number, recipeName: string): AppError {
  const lines = found === 0 ? 'has no line' : `has ${found} lines`
  const what = `${toPrintable(path)} ${lines} "@include common-auth", where set-up expects one`
  return new AppError('ERR_REFUSED', what, {
    hint: `by hand: put "@include ${recipeName}" in the place of its auth lines; see README.md`,
  })
}
