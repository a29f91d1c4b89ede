import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import { runProgram } from '../support/run-program.ts'
import { requireTool } from '../support/run-tool.ts'
import type { TempUser } from '../support/temp-user.ts'
import { openThrowawayHost, type ThrowawayHost } from '../support/throwaway-host.ts'

const INSTALL = join(import.meta.dirname, '../../bin/install-host')

/** Installed, since an ordinary user may not get as far as the checkout. */
describe.skipIf(!canRunCommandLine())('an ordinary user', { timeout: 60_000 }, () => {
  let host: ThrowawayHost
  let user: TempUser
  let program: string
  let openConfig: string
  let closedConfig: string

  beforeAll(() => {
    host = openThrowawayHost()
    user = host.addUser()
    const prefix = join(host.directory, 'prefix')
    mkdirSync(prefix, { mode: 0o755 })
    requireTool(INSTALL, ['--prefix', prefix])
    program = join(prefix, 'bin/otpgate')
    openConfig = writeConfig(host.directory)
    closedConfig = writeConfig(host.secretDirectory)
    requireTool(program, ['--config', openConfig, 'init'])
  }, 60_000)
  afterAll(() => host?.close())

  function writeConfig(directory: string): string {
    const file = join(directory, 'otpgate.toml')
    const data = join(host.secretDirectory, 'data')
    const text = `[store]\npath = "${data}/otpgate.db"\nkey_file = "${data}/master.key"\n`
    writeFileSync(file, text, { mode: 0o644 })
    return file
  }

  const runAsUser = (args: string) =>
    runProgram('su', [user.name, '-s', '/bin/sh', '-c', `cd /; ${program} ${args}`])

  test.each([
    'list',
    'show root',
    'enroll root --no-confirm',
    'reset root --yes',
    'qr root',
    'audit',
    'init',
  ])('is told to use sudo by %s, status 8, and that nothing is broken', async (args) => {
    for (const config of [openConfig, closedConfig]) {
      expect(await runAsUser(`--config ${config} ${args}`)).toMatchObject({
        status: 8,
        stdout: '',
        stderr: 'otpgate: this is for root only\nhint: run it with sudo\n',
      })
    }
  })

  test('may check a configuration that is there to be read', async () => {
    const seen = await runAsUser(`--config ${openConfig} config check`)
    expect(seen).toMatchObject({ status: 0, stdout: `${openConfig}: no problems\n` })
    expect(await runAsUser(`--config ${closedConfig} config check`)).toMatchObject({ status: 8 })
  })

  test('gets help', async () => {
    expect(await runAsUser('help')).toMatchObject({ status: 0, stderr: '' })
  })

  test("cannot make an otpgate of their own that root's would be taken for", async () => {
    const config = join(user.home, 'otpgate.toml')
    const mine = `[store]\npath = "${user.home}/otpgate.db"\nkey_file = "${user.home}/master.key"\n`
    requireTool('su', [user.name, '-s', '/bin/sh', '-c', `cat >${config}`], mine)
    expect(await runAsUser(`--config ${config} init`)).toMatchObject({ status: 0 })
    const asRoot = await runProgram(program, ['--config', config, 'list'])
    expect(asRoot).toMatchObject({ status: 7 })
    expect(asRoot.stderr).toContain(`belongs to uid ${user.uid}`)
  })
})
