import { Command } from 'commander'
import { expect, test } from 'vitest'
import { doctorCommand } from '../../src/cli/commands/doctor.ts'
import { createFakeCli } from './fake-cli.ts'

test('doctor says nothing of a host to somebody whom sshd tells nothing', async () => {
  const { cli } = createFakeCli()
  const program = new Command().option('--config <file>').option('--json')
  program.addCommand(doctorCommand(cli, undefined, () => false))
  const words = ['--config', '/etc/of-nobody/otpgate.toml', 'doctor']
  await expect(program.parseAsync(words, { from: 'user' })).rejects.toMatchObject({
    code: 'ERR_NOT_PERMITTED',
  })
})
