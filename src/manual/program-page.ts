import { type CommandView, listCommands, type OptionView, viewProgram } from './command-view.ts'
import { listStatuses } from './outcome-words.ts'
import { type Block, type Entry, entries, type Page, paragraph, type Text } from './page.ts'

const COMMON = [
  'Commands for several accounts take users, `--group` <group>, or `-` for names on standard input, a line each; they go on after an error, and end with a summary.',
  'A time is a duration such as `30s`, `15m`, `4h` or `30d`, or a UTC date or time such as `2030-12-24`. Times that are printed for programs are RFC 3339, UTC.',
  'Secrets come from the terminal or standard input, never from the command line. Results are printed on standard output, everything else on standard error.',
  'All of it is for root. People themselves run `otpgate self`, by way of `sudo`(8).',
].map(paragraph)

/** `otpgate`(8), from the parser's own commands. */
export function programPage(): Page {
  const program = viewProgram()
  return {
    name: 'otpgate',
    section: 8,
    about: 'enroll people in a second factor for SSH, and get locked-out people back in',
    sections: [
      {
        title: 'SYNOPSIS',
        blocks: [
          { kind: 'calls', calls: ['`otpgate` [<options>] <command> [<arguments>]'] },
          { kind: 'calls', calls: ['`otpgate` <command> `--help`'] },
        ],
      },
      { title: 'DESCRIPTION', blocks: [paragraph(program.about), ...COMMON] },
      { title: 'OPTIONS', blocks: [entries(program.options.map(toEntry))] },
      { title: 'COMMANDS', blocks: listCommands(program).slice(1).flatMap(describeCommand) },
      { title: 'EXIT STATUS', blocks: [entries(listStatuses())] },
      { title: 'ERRORS', blocks: ERRORS },
      { title: 'FILES', blocks: [entries(FILES)] },
      { title: 'EXAMPLES', blocks: EXAMPLES },
    ],
  }
}

const ERRORS: readonly Block[] = [
  paragraph(
    'An error is a line that says what happened, and often one that begins with `hint:` and says what to do. With `--json` it is also printed on standard output, as {"error": {"code", "message", "hint"}}. The codes stand beside their exit status above; they are never renamed.',
  ),
]

const FILES: readonly Entry[] = [
  {
    term: '`/etc/otpgate/otpgate.toml`',
    about: 'the configuration; where it is missing, all defaults',
  },
  { term: '`/etc/otpgate/master.key`', about: 'the key that seals what is secret in the database' },
  { term: '`/var/lib/otpgate/otpgate.db`', about: 'people, devices, codes, and the audit log' },
]

const EXAMPLES: readonly Block[] = [
  paragraph('Set up a host, and the first person on it:'),
  { kind: 'example', lines: ['otpgate init', 'otpgate enroll alice'] },
  paragraph('Somebody has left the phone at home, and somebody else has lost it:'),
  {
    kind: 'example',
    lines: ['otpgate bypass alice --for 8h --reason "phone at home"', 'otpgate reset bob --enroll'],
  },
  paragraph('Why does a login fail?'),
  { kind: 'example', lines: ['otpgate show alice', 'otpgate test alice --from 192.0.2.7'] },
]

function describeCommand(command: CommandView): readonly Block[] {
  const { about, options, aliases } = command
  const also = aliases.map((alias) => `\`${alias}\``).join(', ')
  const more = [
    ...(also === '' ? [] : [`Also spelled ${also}.`]),
    ...(command.implied === undefined
      ? []
      : [`Where no other command is named, \`${command.implied}\` is meant.`]),
  ].map(paragraph)
  const details = [
    ...command.arguments
      .filter((argument) => argument.about !== '')
      .map(({ name, about }) => ({ term: `<${name}>`, about })),
    // What --help does is said once, for the program.
    ...options.filter(({ long }) => long !== '--help').map(toEntry),
  ]
  return [
    { kind: 'heading', title: synopsisOf(command) },
    paragraph(`${about.charAt(0).toUpperCase()}${about.slice(1)}.`),
    ...more,
    ...(details.length === 0 ? [] : [entries(details)]),
  ]
}

/** How a command is called, as the page has it above what the command does. */
export function synopsisOf({ path, options, commands, arguments: args }: CommandView): Text {
  const words = args.map(({ name, isRequired, isRepeated }) => {
    const word = `<${name}>${isRepeated ? '...' : ''}`
    return isRequired ? word : `[${word}]`
  })
  const own = options.some(({ long }) => long !== '--help') ? ['[<options>]'] : []
  const below = commands.length === 0 ? [] : ['<command>']
  return [`\`${path}\``, ...own, ...words, ...below].join(' ')
}

function toEntry({ short, long, value, about, standard }: OptionView): Entry {
  const choices = value?.subject.kind === 'choice' ? value.subject.choices : []
  const notes = [
    ...(choices.length === 0 ? [] : [`one of ${choices.map((each) => `\`${each}\``).join(', ')}`]),
    ...(standard === undefined ? [] : [`default: \`${standard}\``]),
  ]
  const name = short === undefined ? `\`${long}\`` : `\`${short}\`, \`${long}\``
  return {
    term: value === undefined ? name : `${name} <${value.name}>`,
    about: [about, ...notes].join('; '),
  }
}
