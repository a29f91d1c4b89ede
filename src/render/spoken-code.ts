/** The ICAO spelling alphabet, and digits as they are: no two sound alike on a bad line. */
const WORDS: Readonly<Record<string, string>> = {
  '0': 'zero',
  '1': 'one',
  '2': 'two',
  '3': 'three',
  '4': 'four',
  '5': 'five',
  '6': 'six',
  '7': 'seven',
  '8': 'eight',
  '9': 'nine',
  A: 'Alfa',
  B: 'Bravo',
  C: 'Charlie',
  D: 'Delta',
  E: 'Echo',
  F: 'Foxtrot',
  G: 'Golf',
  H: 'Hotel',
  I: 'India',
  J: 'Juliett',
  K: 'Kilo',
  L: 'Lima',
  M: 'Mike',
  N: 'November',
  O: 'Oscar',
  P: 'Papa',
  Q: 'Quebec',
  R: 'Romeo',
  S: 'Sierra',
  T: 'Tango',
  U: 'Uniform',
  V: 'Victor',
  W: 'Whiskey',
  X: 'X-ray',
  Y: 'Yankee',
  Z: 'Zulu',
}

/**
 * How to say a code of groups (`K7QM-...`) on the phone, a line a group: `K7QM  Kilo seven Quebec
 * Mike`. Lines joined by newlines, the last one without.
 */
export function renderSpokenCode(code: string): string {
  return code
    .split('-')
    .map((group) => `${group}  ${[...group].map((each) => WORDS[each] ?? each).join(' ')}`)
    .join('\n')
}
