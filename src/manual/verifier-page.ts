import type { VerifierMode } from '../app/verifier-mode.ts'
import { DEFAULT_SOCKET_PATH } from '../daemon/arguments.ts'
import { DEFAULT_CONFIG_PATH } from '../wire.ts'
import { listReasons } from './outcome-words.ts'
import { type Entry, entries, type Page, paragraph } from './page.ts'

/** What status 0 of each mode means; `code` is the mode of a line without an argument for it. */
const MODE_WORDS: Readonly<Record<Exclude<VerifierMode, 'code'>, string>> = {
  excused:
    'auth phase: this login needs no code, and a first factor is proven. Where it is not so, the line that belongs before the prompt is printed.',
  account:
    'account phase: a right code or an excuse has left a ticket for this connection, which is now used up. So nobody gets in by sshd alone, whatever its configuration says.',
  'password-and-code':
    'auth phase: the login password with the code behind it is on standard input, and both are right.',
  'first-factor-missing':
    'auth phase: sshd has proven nothing yet, so the stack goes on to the password. It lets nobody in.',
  'outside-group':
    'auth and account phase: the group exists, and the person is not in it. Every error is status 1, which leads to the code.',
}

const OPTIONS: readonly Entry[] = [
  {
    term: '`--config` <file>',
    about: `an absolute path; default: \`${DEFAULT_CONFIG_PATH}\`. The daemon is then not asked.`,
  },
  {
    term: '`--socket` <path>',
    about: `where otpgated(8) is asked first, an absolute path; default: \`${DEFAULT_SOCKET_PATH}\``,
  },
  {
    term: '`--attempt` <number>, `--time-left` <milliseconds>',
    about: 'not for lines of pam.d: by these the part that asks the daemon hands a login on',
  },
]

/** `otpgate-verify`(8), the program that lines of pam.d name. */
export function verifierPage(): Page {
  return {
    name: 'otpgate-verify',
    section: 8,
    about: 'judge the second factor of one login, for pam_exec',
    sections: [
      {
        title: 'SYNOPSIS',
        blocks: [
          {
            kind: 'calls',
            calls: [
              '`/usr/lib/otpgate/otpgate-verify` [<mode>] [`--config` <file>] [`--socket` <path>]',
            ],
          },
        ],
      },
      { title: 'DESCRIPTION', blocks: DESCRIPTION.map(paragraph) },
      { title: 'MODES', blocks: [entries(MODES)] },
      { title: 'OPTIONS', blocks: [entries(OPTIONS)] },
      {
        title: 'EXIT STATUS',
        blocks: [
          entries([
            { term: '`0`', about: 'yes: what the mode asks is so, and is recorded on disk' },
            { term: '`1`', about: 'no, and every error' },
          ]),
        ],
      },
      { title: 'LOG', blocks: [paragraph(LOG), paragraph('Reasons:'), entries(listReasons())] },
      {
        title: 'EXAMPLES',
        blocks: [
          paragraph('The lines of pam.d for a key and then a code, in place of common-auth:'),
          { kind: 'example', lines: RECIPE },
        ],
      },
    ],
  }
}

const DESCRIPTION = [
  'It is run by `pam_exec`(8), once for each line of pam.d that names it. It reads the variables that PAM sets and at most 512 bytes of standard input, and nothing else from its environment. It answers within 20 seconds, or not at all.',
  'It fails closed: a mistake in the configuration, a missing key, a damaged database or an argument that is not understood denies the login.',
  'Where a static client was installed under this name, it asks otpgated(8), and runs `otpgate-verify-direct` beside itself where the daemon does not answer.',
]

const LOG =
  'Each login is a line in the authpriv log that begins with `accepted`, `excused`, `denied` or `error`. The reason of an error is one of the codes in `otpgate`(8).'

const MODES: readonly Entry[] = [
  { term: '(none)', about: 'auth phase: the code on standard input is right.' },
  ...Object.entries(MODE_WORDS).map(([mode, about]) => ({
    term: mode === 'outside-group' ? `\`--${mode}\` <group>` : `\`--${mode}\``,
    about,
  })),
]

const VERIFY = '/usr/lib/otpgate/otpgate-verify'
const RECIPE = [
  'auth [success=done default=ignore] pam_exec.so quiet stdout \\',
  `    ${VERIFY} --excused`,
  'auth requisite pam_exec.so quiet stdout expose_authtok \\',
  `    ${VERIFY}`,
  'auth required pam_permit.so',
  'account requisite pam_exec.so quiet stdout \\',
  `    ${VERIFY} --account`,
]
