import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import { runOnTerminal } from '../support/terminal-session.ts'
import { openThrowawayHost, type ThrowawayHost } from '../support/throwaway-host.ts'
import { type AdminShell, openAdminShell } from './admin-shell.ts'

const PAPER_LINE = /^(?:key {2}[0-9a-f]{8}|[1-4](?: +[0-9A-Z]{4}){4})\r?$/gm

describe.skipIf(!canRunCommandLine())('the master key at a terminal', { timeout: 60_000 }, () => {
  let host: ThrowawayHost
  let shell: AdminShell

  beforeAll(async () => {
    host = openThrowawayHost()
    shell = await openAdminShell(host, 'key-terminal')
    await shell.run(['enroll', host.addUser().name, '--no-confirm', '--no-recovery'])
  })
  afterAll(() => host?.close())

  const key = () => readFileSync(join(shell.directory, 'master.key'))
  const otpgate = (args: string) => `${shell.otpgate} ${args}`

  test('rotate asks, and changes nothing for a no', async () => {
    const before = key()
    const seen = await runOnTerminal(otpgate('key rotate'), [{ after: '[y/N] ', keys: 'n\r' }])
    expect(seen.status).toBe(1)
    expect(key()).toEqual(before)
    expect(existsSync(join(shell.directory, 'master.key.next'))).toBe(false)
    expect(existsSync(join(shell.directory, 'master.key.lock'))).toBe(false)
  })

  test('rotate shows how far it is, and which key is which', async () => {
    const before = key()
    const seen = await runOnTerminal(otpgate('key rotate'), [{ after: '[y/N] ', keys: 'y\r' }])
    expect(seen.status).toBe(0)
    expect(seen.screen).toContain('1 secret sealed anew')
    expect(seen.screen).toMatch(/^old key {2}[0-9a-f]{8}, .*\.old-/m)
    expect(key()).not.toEqual(before)
  })

  test('export shows what import takes, which asks for a wrong line once more', async () => {
    const shown = await runOnTerminal(otpgate('key export --paper'))
    expect(shown.status).toBe(0)
    const [id = '', ...lines] = (shown.screen.match(PAPER_LINE) ?? []).map((line) => line.trim())
    expect(lines).toHaveLength(4)
    const before = key()
    renameSync(join(shell.directory, 'master.key'), join(shell.directory, 'lost'))
    const [first = '', second = '', third = '', fourth = ''] = lines
    const seen = await runOnTerminal(otpgate('key import'), [
      { after: 'key: ', keys: `${id}\r` },
      { after: '1: ', keys: `${first}\r` },
      { after: '2: ', keys: '0000 0000 0000 0000\r' },
      // Without its number, as somebody types it who was asked for that line.
      { after: 'line 2 is not as it was printed', keys: `${second.slice(1)}\r` },
      { after: '3: ', keys: `${third}\r` },
      { after: '4: ', keys: `${fourth}\r` },
    ])
    expect(seen.status).toBe(0)
    expect(key()).toEqual(before)
    const rows = JSON.parse((await shell.run(['audit', '--json'])).stdout)
    expect(rows.slice(-2)).toMatchObject([{ action: 'key-export' }, { action: 'key-import' }])
  })
})
