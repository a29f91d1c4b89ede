/** Code points that a terminal or a log may act upon, or that look like another. */
const ESCAPE = '\x1b[31mred\x1b]0;title\x07'
const CYRILLIC_A = '\u0430'
const FULLWIDTH_DIGITS = 0xff10 - 0x30
const ARABIC_DIGITS = 0x0660 - 0x30

export interface HostileWord {
  readonly what: string
  readonly word: string
}

/** Names that are not `name`, however alike they look to one program or another. */
export function namesLike(name: string): readonly HostileWord[] {
  return [
    { what: 'upper case', word: name.toUpperCase() },
    { what: 'a capital', word: `${name[0]?.toUpperCase()}${name.slice(1)}` },
    { what: 'a domain', word: `DOM\\${name}` },
    { what: 'a realm', word: `${name}@EXAMPLE.ORG` },
    { what: 'a letter that looks alike', word: name.replace(/[a-z]/, CYRILLIC_A) },
    { what: 'a blank behind', word: `${name} ` },
    { what: 'a blank before', word: ` ${name}` },
    { what: 'a tab behind', word: `${name}\t` },
    { what: 'a second line', word: `${name}\nroot` },
    { what: 'a line that looks like ours', word: `x\naccepted user=${name} method=totp` },
    { what: 'a carriage return', word: `${name}\r` },
    { what: 'a terminal sequence', word: `${name}${ESCAPE}` },
    { what: 'a C1 character', word: `${name}\u009b31m` },
    { what: 'a line separator', word: `${name}\u2028` },
    { what: 'an override of direction', word: `\u202e${name}` },
    { what: 'a zero-width blank', word: `${name}\u200b` },
    { what: 'a format', word: '%s%n%s%n' },
    { what: 'an option', word: '--config=/dev/null' },
    { what: 'a hyphen', word: '-x' },
    { what: 'a plus', word: `+${name}` },
    { what: 'a line of passwd', word: `${name}:x:0:0::/:/bin/sh` },
    { what: 'a path', word: '../../etc/passwd' },
    { what: 'a command', word: `$(id)\`id\`;id` },
    { what: 'a number', word: '0' },
    { what: 'the number of nobody', word: '4294967295' },
    { what: 'nothing', word: '' },
    { what: 'only a blank', word: ' ' },
    { what: '256 letters', word: name.padEnd(256, 'x') },
    { what: '40,000 letters', word: name.padEnd(40_000, 'x') },
  ]
}

/** Answers made from a right code that are not one, and not a guess. */
export function answersLike(code: string): readonly HostileWord[] {
  return [
    { what: 'nothing', word: '' },
    { what: 'a blank', word: ' ' },
    { what: 'fullwidth digits', word: shift(code, FULLWIDTH_DIGITS) },
    { what: 'Arabic digits', word: shift(code, ARABIC_DIGITS) },
    { what: 'a plus', word: `+${code.slice(1)}` },
    { what: 'a minus', word: `-${code}` },
    { what: 'a fraction', word: `${code}.0` },
    { what: 'a power', word: '1e5' },
    { what: 'a hexadecimal number', word: `0x${code}` },
    { what: 'its digits apart', word: [...code].join(' ') },
    { what: 'one digit too few', word: code.slice(1) },
    { what: 'nine digits', word: `000${code}` },
    { what: 'a NUL in it', word: `${code.slice(0, 3)}\0${code.slice(3)}` },
    { what: 'two NULs behind', word: `${code}\0\0` },
    { what: 'more behind a NUL', word: `${code}\0x` },
    { what: 'a second line', word: `${code}\n${code}` },
    { what: 'an escape', word: `\x1b${code}` },
    { what: 'a backspace', word: `${code}1\b` },
    { what: 'a no-break space', word: `${code}\u00a0` },
    { what: 'a byte order mark', word: `\ufeff${code}` },
    { what: 'a format', word: '%s%n' },
    { what: 'a command', word: '$(id)' },
    { what: 'a statement', word: "' OR 1=1 --" },
    { what: 'a password', word: 'correct horse battery staple' },
    { what: "sshd's own junk", word: '\b\n\r\x7fIN' },
    { what: '511 bytes', word: code.padEnd(511, ' ') },
    { what: '512 bytes', word: code.padStart(512, ' ') },
    { what: '40,000 bytes', word: code.padEnd(40_000, '0') },
  ]
}

/** A printable line of ASCII: all that a log, or the person, ever gets. */
export const ONE_LINE = /^[ -~]*\n?$/

/** Bytes that a terminal acts upon, but for the end of a line. */
export function findControls(text: string): readonly string[] {
  return text.match(/[^\n -~]/gu) ?? []
}

function shift(digits: string, by: number): string {
  return String.fromCodePoint(...Array.from(digits, (digit) => (digit.codePointAt(0) ?? 0) + by))
}
