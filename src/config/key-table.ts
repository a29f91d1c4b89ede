import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '../base/time.ts'
import { LONGEST_PERIOD_SECONDS, SHORTEST_PERIOD_SECONDS } from '../domain/device.ts'
import { DEFAULT_MESSAGES, type Messages } from '../domain/message.ts'
import { NOTIFY_EVENTS } from '../domain/notify-event.ts'
import type { Settings } from './config.ts'
import {
  absolutePath,
  commandLine,
  duration,
  flag,
  listOf,
  oneNumberOf,
  oneOf,
  pamService,
  type Rule,
  text,
  wholeNumber,
} from './rule.ts'

/** One key of otpgate.toml. */
interface Key<T> {
  /** As the file spells it. */
  readonly name: string
  readonly rule: Rule<NonNullable<T>>
  readonly standard: T
  /** Shown, as a comment, where the standard is nothing. */
  readonly example?: NonNullable<T>
  /** One line for people. */
  readonly about: string
}

type KeyTable = {
  readonly [S in keyof Settings]: { readonly [F in keyof Settings[S]]: Key<Settings[S][F]> }
}

/** Longest line that every ssh client shows whole beside its "(user@host) ". */
const LONGEST_MESSAGE = 79
/** The longest words that are put in: `120 seconds`. */
const LONGEST_FILLING = 11

/** A hundred years. */
const LONGEST_KEEP_DAYS = 36_500

/** Every key there is: parsing, defaults, errors and `config show` are read off this table. */
const KEY_TABLE: KeyTable = {
  store: {
    path: {
      name: 'path',
      rule: absolutePath(),
      standard: '/var/lib/otpgate/otpgate.db',
      about: 'the database',
    },
    keyFile: {
      name: 'key_file',
      rule: absolutePath(),
      standard: '/etc/otpgate/master.key',
      about: 'the master key; keep it out of backups that hold the database',
    },
  },
  totp: {
    issuer: {
      name: 'issuer',
      // No colon: it divides issuer and account in the label of an otpauth URI.
      rule: text(
        '1 to 64 characters without a colon, control characters or blanks at the ends',
        (value) => /^[^\p{C}:]{1,64}$/u.test(value) && value.trim() === value,
      ),
      standard: undefined,
      example: 'bastion.example.org',
      about: 'what authenticator apps show above the code; if not set, the host name',
    },
    digits: {
      name: 'digits',
      rule: oneNumberOf([6, 7, 8] as const),
      standard: 6,
      about: 'length of a code, for new devices',
    },
    periodSeconds: {
      name: 'period',
      rule: duration(SHORTEST_PERIOD_SECONDS, LONGEST_PERIOD_SECONDS),
      standard: 30,
      about: 'how long a code is shown, for new devices',
    },
    algorithm: {
      name: 'algorithm',
      rule: oneOf(['SHA1', 'SHA256', 'SHA512'] as const),
      standard: 'SHA1',
      about: 'hash of new devices; some apps know SHA1 only',
    },
    window: {
      name: 'window',
      // At most 4: one attempt is then compared with 2 * 4 + 1 = 9 codes.
      rule: wholeNumber(0, 4),
      standard: 1,
      about: 'periods accepted on either side of now, for clocks that are off',
    },
  },
  policy: {
    unenrolled: {
      name: 'unenrolled',
      rule: oneOf(['deny', 'allow'] as const),
      standard: 'deny',
      about: 'people otpgate has never known',
    },
    codeAlone: {
      name: 'code_alone',
      rule: listOf(pamService(), 32),
      standard: [],
      about: 'services in which a code may be the only factor of an SSH login; think twice',
    },
    selfEnroll: {
      name: 'self_enroll',
      rule: flag(),
      standard: false,
      about: 'whether people may enroll themselves without an invitation',
    },
  },
  throttle: {
    freeFailures: {
      name: 'free_failures',
      rule: wholeNumber(1, 20),
      standard: 5,
      about: 'wrong codes in a row without a wait; from then on the waits double',
    },
    firstWaitSeconds: {
      name: 'first_wait',
      rule: duration(1, HOUR_SECONDS),
      standard: 30,
      about: 'the first wait',
    },
    longestWaitSeconds: {
      name: 'longest_wait',
      rule: duration(MINUTE_SECONDS, DAY_SECONDS),
      standard: HOUR_SECONDS,
      about: 'no wait grows beyond this',
    },
    failuresPerDay: {
      name: 'failures_per_day',
      rule: wholeNumber(5, 100),
      standard: 20,
      about: 'wrong codes of one person in any 24 hours; a right code does not reset them',
    },
    lockAfter: {
      name: 'lock_after',
      // NIST SP 800-63B, rate limiting: no more than 100 consecutive failures.
      rule: wholeNumber(10, 100),
      standard: 100,
      about: 'wrong codes in a row, then only an admin or a recovery code helps',
    },
  },
  remember: {
    forSeconds: {
      name: 'for',
      rule: duration(0, 30 * DAY_SECONDS),
      standard: 0,
      about: 'after a right code, ask no more from the same address and first factor; 0s: never',
    },
  },
  daemon: {
    user: {
      name: 'user',
      // useradd(8) allows no more, and a name of digits could be taken for a uid.
      rule: text('the name of a user', (value) => /^[a-z_][a-z0-9_-]{0,31}$/.test(value)),
      standard: 'otpgate',
      about: 'the user otpgated runs as; the database may belong to it, or to root',
    },
  },
  messages: {
    prompt: message('prompt', 'in front of the question for the code'),
    codeWrong: message('codeWrong', 'after a wrong code'),
    codeReplayed: message('codeReplayed', 'after a code that was used before'),
    clockBehind: message('clockBehind', 'where the clock of the host has gone back'),
    throttled: message('throttled', 'during a wait; {time} is how long it lasts'),
    locked: message('locked', 'where only an admin or a recovery code helps'),
    recoveryThrottled: message('recoveryThrottled', 'after too many wrong recovery codes'),
    recoveryUsed: message('recoveryUsed', 'after a recovery code; {codes} is how many are left'),
    mustEnroll: message('mustEnroll', 'after a reset'),
    notEnrolled: message('notEnrolled', 'to somebody who has no device'),
    suspended: message('suspended', 'to somebody who is suspended'),
    uidChanged: message('uidChanged', 'where the name has another uid than at enrolment'),
    invited: message('invited', 'to somebody who is invited; {time} is how long for'),
  },
  audit: {
    keepSeconds: {
      name: 'keep',
      // No word for ever, and no 0s, which one reader takes for it and the next for nothing at all.
      rule: duration(30 * DAY_SECONDS, LONGEST_KEEP_DAYS * DAY_SECONDS),
      standard: 400 * DAY_SECONDS,
      about: 'rows of the audit log that are older go with otpgate maintain',
    },
  },
  notify: {
    command: {
      name: 'command',
      rule: commandLine(32),
      standard: [],
      about: 'a program that otpgate notify tells what happened, one event a run; empty: none',
    },
    events: {
      name: 'events',
      rule: listOf(oneOf(NOTIFY_EVENTS), NOTIFY_EVENTS.length, 1),
      standard: undefined,
      example: ['reset', 'bypass', 'login-recovery'],
      about: 'what it is told of; if not set, all that is allowed here',
    },
    timeoutSeconds: {
      name: 'timeout',
      rule: duration(1, 10 * MINUTE_SECONDS),
      standard: 30,
      about: 'how long one run of it may take before it is killed, and tried again later',
    },
  },
}

/** One line to the person at the prompt. */
function message(key: keyof Messages, about: string): Key<string> {
  const words = DEFAULT_MESSAGES[key]
  const blank = /\{\w+\}/.exec(words)?.[0]
  const allowed = `one line of at most ${LONGEST_MESSAGE} printable ASCII characters that ends in no blank`
  return {
    name: key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    rule: text(
      blank === undefined ? allowed : `${allowed}; ${blank} counts as ${LONGEST_FILLING}`,
      (value) => isMessage(value, blank),
    ),
    standard: words,
    about,
  }
}

/** Braces are for what is put in: others are a typing error. */
function isMessage(value: string, blank: string | undefined): boolean {
  const bare = blank === undefined ? value : value.replace(blank, '')
  const length = bare.length + (bare === value ? 0 : LONGEST_FILLING)
  const isLine = length <= LONGEST_MESSAGE && /^[ -~]*[!-~]$/.test(value)
  return isLine && !/[{}]/.test(bare)
}

/** One row of the table, without its type. */
export interface ConfigKey {
  /** Name of the table in the file, and in `Settings`. */
  readonly section: string
  /** Name of the value in `Settings`. */
  readonly field: string
  readonly name: string
  /** As messages name it: `totp.digits`. */
  readonly path: string
  readonly rule: Rule<unknown>
  readonly standard: unknown
  readonly example?: unknown
  readonly about: string
}

/** Every key, in the order in which the file shows them. */
export function listConfigKeys(): readonly ConfigKey[] {
  return Object.entries(KEY_TABLE).flatMap(([section, keys]) =>
    Object.entries<Omit<ConfigKey, 'section' | 'field' | 'path'>>(keys).map(([field, key]) => ({
      ...key,
      section,
      field,
      path: `${section}.${key.name}`,
    })),
  )
}
