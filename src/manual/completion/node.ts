import {
  type ArgumentView,
  type CommandView,
  listCommands,
  type OptionView,
  type Subject,
  viewProgram,
} from '../command-view.ts'

/** What can stand behind one command, whatever the shell. */
export interface CompletionNode {
  /** `otpgate device add` */
  readonly path: string
  /** Every way to spell it, aliases included. */
  readonly spellings: readonly string[]
  readonly about: string
  readonly words: readonly CommandWord[]
  /** Those of the program included: they may stand anywhere. */
  readonly options: readonly OptionView[]
  readonly arguments: readonly ArgumentView[]
  /** Whether it may name people whom otpgate does not know yet. */
  readonly isForStrangers: boolean
}

interface CommandWord {
  readonly name: string
  readonly about: string
}

/** What these commands start, or try, holds for anybody who can log in. */
const FOR_STRANGERS: readonly string[] = ['enroll', 'invite', 'waive', 'suspend', 'test']

/** Every command, the program itself first. */
export function listNodes(): readonly CompletionNode[] {
  const program = viewProgram()
  const common = program.options.filter(({ long }) => !['--version', '--help'].includes(long))
  return listCommands(program).map((command) => {
    const meant = command.commands.find(({ name }) => name === command.implied)
    const own = [...command.options, ...(meant?.options ?? [])]
    const all = command === program ? own : [...own, ...common]
    return {
      path: command.path,
      spellings: spell(command),
      about: command.about,
      words: command.commands.map(({ name, about }) => ({ name, about })),
      options: all.filter(({ long }, at) => all.findIndex((each) => each.long === long) === at),
      arguments: [...command.arguments, ...(meant?.arguments ?? [])].map(nameCommands(program)),
      isForStrangers: FOR_STRANGERS.includes(command.name),
    }
  })
}

function spell({ path, name, aliases }: CommandView): readonly string[] {
  const above = path.slice(0, path.length - name.length)
  return [path, ...aliases.map((alias) => `${above}${alias}`)]
}

/** Names of commands are as good as choices here. */
function nameCommands(program: CommandView): (argument: ArgumentView) => ArgumentView {
  const choices = program.commands.map(({ name }) => name)
  return (argument) =>
    argument.subject.kind === 'command'
      ? { ...argument, subject: { kind: 'choice', choices } }
      : argument
}

/** The words `subject` allows, or else its kind behind an `@`; people known and not are told apart. */
export function subjectWord(subject: Subject, isForStrangers: boolean): string {
  if (subject.kind === 'choice') return subject.choices.join('|')
  if (subject.kind !== 'user') return `@${subject.kind}`
  return isForStrangers ? '@person' : '@user'
}

/**
 * In sh, as all shells share it: names of people, one a line, of which a shell can make nothing but a
 * word. Whom otpgate knows only root can ask; else, and for strangers, who can log in.
 */
export const LIST_KNOWN =
  'otpgate list --json </dev/null 2>/dev/null | sed -n ' +
  `'s/^.*{"user":"\\([A-Za-z0-9_][A-Za-z0-9._@+-]*\\)".*/\\1/p'`
export const LIST_PEOPLE =
  'getent passwd | awk -F: ' +
  `'($3 == 0 || $3 >= 1000 && $3 < 60000) && $1 ~ /^[A-Za-z0-9_][A-Za-z0-9._@+-]*$/ { print $1 }'`
export const LIST_GROUPS =
  'getent group | awk -F: ' + `'$1 ~ /^[A-Za-z0-9_][A-Za-z0-9._@+-]*$/ { print $1 }'`
