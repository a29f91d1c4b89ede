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
        hint: 'no logins: otpgate suspend USER; no code for a while: otpgate waive USER --for 4h --reason WHY; lost phone: otpgate reset USER --enroll; has left: otpgate remove USER',
      })
    })
}
