import type { Argument, Command, Option } from 'commander'
import type { Cli } from '../cli/context.ts'
import { createProgram } from '../cli/program.ts'

/** What can stand in the place of a value, as far as a shell can know it. */
export type Subject =
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'user' | 'group' | 'file' | 'command' | 'unknown' }

export interface ArgumentView {
  readonly name: string
  readonly about: string
  readonly isRequired: boolean
  readonly isRepeated: boolean
  readonly subject: Subject
}

export interface OptionView {
  /** `-y`, where there is one. */
  readonly short: string | undefined
  /** `--yes` */
  readonly long: string
  readonly about: string
  /** `undefined`: it takes none. */
  readonly value: { readonly name: string; readonly subject: Subject } | undefined
  readonly standard: string | undefined
}

/** One command as people call it, and those below it. */
export interface CommandView {
  /** From the program on: `otpgate device add`. */
  readonly path: string
  readonly name: string
  readonly aliases: readonly string[]
  readonly about: string
  readonly arguments: readonly ArgumentView[]
  /** Its own; those of the program hold for every command. */
  readonly options: readonly OptionView[]
  readonly commands: readonly CommandView[]
  /** Name of the command below it that is meant where none is named. */
  readonly implied: string | undefined
}

/** The whole command line of otpgate, as the parser itself knows it. */
export function viewProgram(): CommandView {
  return viewCommand(createProgram(UNUSED_CLI), '')
}

/** Commands only look at it when they run, and none is run here. */
const UNUSED_CLI: Cli = {
  print: refuse,
  talk: refuse,
  prompter: {
    isInteractive: false,
    readLine: async () => refuse(),
    readSecretLine: async () => refuse(),
    close: refuse,
  },
  terminal: { isTerminal: false, columns: 80, rows: 24, allowsColour: false },
  actor: refuse,
  invoker: refuse,
  hostName: refuse,
  openSession: refuse,
  setStatus: refuse,
}

function refuse(): never {
  throw new Error('a command that is only looked at has run')
}

function viewCommand(command: Command, above: string): CommandView {
  const path = `${above} ${command.name()}`.trim()
  const help = command.createHelp()
  return {
    path,
    name: command.name(),
    aliases: command.aliases(),
    about: command.description(),
    arguments: command.registeredArguments.map(viewArgument),
    options: help.visibleOptions(command).map(viewOption),
    commands: help.visibleCommands(command).map((each) => viewCommand(each, path)),
    implied: findImplied(command),
  }
}

function viewArgument(argument: Argument): ArgumentView {
  const name = argument.name()
  return {
    name,
    about: argument.description,
    isRequired: argument.required,
    isRepeated: argument.variadic,
    subject: toSubject(name, argument.argChoices),
  }
}

function viewOption(option: Option): OptionView {
  const name = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1]
  const standard: unknown = option.defaultValue
  return {
    short: option.short,
    long: option.long ?? option.flags,
    about: option.description,
    value: name === undefined ? undefined : { name, subject: toSubject(name, option.argChoices) },
    // A boolean is what the absence of --no-x comes to.
    standard: typeof standard === 'string' ? standard : undefined,
  }
}

function toSubject(name: string, choices: readonly string[] | undefined): Subject {
  if (choices !== undefined) return { kind: 'choice', choices }
  if (name === 'user' || name === 'group' || name === 'file' || name === 'command') {
    return { kind: name }
  }
  return { kind: 'unknown' }
}

/** The parser has no public word for it; test/manual/command-view.test.ts holds that it is found. */
function findImplied(command: Command): string | undefined {
  const name: unknown = Reflect.get(command, '_defaultCommandName')
  return typeof name === 'string' ? name : undefined
}

/** The command and all below it, in the order of the help. */
export function listCommands(view: CommandView): readonly CommandView[] {
  return [view, ...view.commands.flatMap(listCommands)]
}
