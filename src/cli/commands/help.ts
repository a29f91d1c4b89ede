import { Command } from 'commander'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'

/** `otpgate help [COMMAND...]` */
export function helpCommand(): Command {
  return new Command('help')
    .description('show what a command does')
    .argument('[command...]')
    .action((names: readonly string[], _: unknown, command: Command) => {
      names.reduce(requireCommand, command.parent ?? command).outputHelp()
    })
}

function requireCommand(parent: Command, name: string): Command {
  const found = parent.commands.find(
    (each) => each.name() === name || each.aliases().includes(name),
  )
  if (found !== undefined) return found
  throw new AppError('ERR_USAGE', `unknown command '${toPrintable(name)}'`, {
    hint: 'otpgate --help',
  })
}
