import { DEFAULT_SOCKET_PATH } from '../daemon/arguments.ts'
import { DEFAULT_CONFIG_PATH } from '../wire.ts'
import { type Entry, entries, type Page, paragraph } from './page.ts'

const OPTIONS: readonly Entry[] = [
  { term: '`--config` <file>', about: `default: \`${DEFAULT_CONFIG_PATH}\`` },
  {
    term: '`--socket` <path>',
    about: `where no socket is handed over; default: \`${DEFAULT_SOCKET_PATH}\``,
  },
  {
    term: '`--key` <file>',
    about: 'the master key, such as one that systemd has loaded; default: as configured',
  },
  { term: '`--version`', about: 'show the version' },
  { term: '`--help`', about: 'show how it is called' },
]

const SIGNALS: readonly Entry[] = [
  {
    term: '`SIGHUP`',
    about: 'read the configuration again; where it is broken, the old one stays in force',
  },
  { term: '`SIGTERM`, `SIGINT`', about: 'end after the logins that are under way' },
  { term: '`SIGUSR2`', about: 'log how many logins were answered' },
]

/** `otpgated`(8). */
export function daemonPage(): Page {
  return {
    name: 'otpgated',
    section: 8,
    about: 'judge logins for otpgate-verify, without starting a program for each',
    sections: [
      { title: 'SYNOPSIS', blocks: [{ kind: 'calls', calls: CALLS }] },
      { title: 'DESCRIPTION', blocks: DESCRIPTION.map(paragraph) },
      { title: 'OPTIONS', blocks: [paragraph('Paths are absolute.'), entries(OPTIONS)] },
      { title: 'SIGNALS', blocks: [entries(SIGNALS)] },
      {
        title: 'EXIT STATUS',
        blocks: [
          entries([
            { term: '`0`', about: 'it was told to end' },
            { term: '`1`', about: 'it could not start; the journal says why' },
            { term: '`2`', about: 'the command line is not understood' },
          ]),
        ],
      },
      { title: 'FILES', blocks: [entries(FILES)] },
    ],
  }
}

const CALLS = [
  '`otpgated` [`--config` <file>] [`--socket` <path>] [`--key` <file>]',
  '`otpgated` `--version` | `--help`',
]

const DESCRIPTION = [
  'It listens on the socket that systemd hands over, or else on one of its own, and judges logins just as otpgate-verify(8) does by itself. Only root can ask it.',
  'No login depends on it: where it is stopped or hangs, otpgate-verify goes on without it, which takes more processor time.',
  'systemd keeps it running: `systemctl` `reload` has it read the configuration again, and after a change of the master key it takes a `restart`.',
]

const FILES: readonly Entry[] = [
  { term: `\`${DEFAULT_SOCKET_PATH}\``, about: 'where otpgate-verify asks' },
  { term: '`otpgated.socket`, `otpgated.service`', about: 'units of systemd' },
  { term: '`otpgate-maintain.timer`', about: 'runs `otpgate maintain` once a day' },
]
