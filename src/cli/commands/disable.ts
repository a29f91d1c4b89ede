import { Command } from 'commander'
import { AppError } from '../../base/errors.ts'

/** What other tools call `disable` can mean three things here; none of them is guessed. */
export function disableCommand(): Command {
  return new Command('disable')
    .argument('[user...]')
    .helpOption(false)
    .allowUnknownOption()
    .description('not a command: says what to run instead')
    .action(() => {
      throw new AppError('ERR_USAGE', 'there is no disable', {
        hint: 'lost phone: otpgate reset USER, then otpgate enroll USER; locked by wrong codes: otpgate unlock USER',
      })
    })
}
