import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appCode, RFC_SECRET, wrongAppCode } from '../support/app-code.ts'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import { readQrImages } from '../support/qr-reader.ts'
import { rasteriseTerminal } from '../support/terminal-raster.ts'
import { runOnTerminal } from '../support/terminal-session.ts'
import { openThrowawayHost, type ThrowawayHost } from '../support/throwaway-host.ts'
import { type AdminShell, openAdminShell } from './admin-shell.ts'

const LARGE = { columns: 120, rows: 50 }
const ASKED = 'Type the code your app shows: '
const RECOVERY_CODE = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/g

describe.skipIf(!canRunCommandLine())('at a terminal', { timeout: 60_000 }, () => {
  let host: ThrowawayHost
  let shell: AdminShell
  let user: string

  beforeAll(async () => {
    host = openThrowawayHost()
    user = host.addUser().name
    shell = await openAdminShell(host, 'terminal')
  })
  afterAll(() => host?.close())

  const otpgate = (args: string) => `${shell.otpgate} ${args}`
  const reset = () => shell.run(['reset', user, '--yes'])
  const enrollAnew = async () => {
    await reset()
    await shell.run(['enroll', user, '--secret-stdin', '--no-confirm'], `${RFC_SECRET}\n`)
  }

  test('enroll shows a QR code that scans, and takes its right code after wrong ones', async () => {
    const seen = await runOnTerminal(
      otpgate(`enroll ${user}`),
      [
        { after: ASKED, keys: (screen) => `${wrongAppCode(secretOn(screen))}\r` },
        { after: ASKED, keys: (screen) => `${appCode(secretOn(screen), 'now - 10 minutes')}\r` },
        { after: ASKED, keys: (screen) => `${appCode(secretOn(screen))}\r` },
      ],
      LARGE,
    )
    expect(seen.status).toBe(0)
    expect(readQrImages([rasteriseTerminal(qrCodeOn(seen.screen), 'dark')])).toEqual([
      uriOn(seen.screen),
    ])
    expect(seen.screen).toContain('That code is not right.')
    expect(seen.screen).toMatch(/\d+ minutes?.* behind the clock of this host/)
    expect(seen.screen).toContain(`${user} is enrolled.`)
    expect(seen.screen.match(RECOVERY_CODE)).toHaveLength(10)
  })

  test('Ctrl-C at the confirmation leaves a device that does not count, and says so', async () => {
    await reset()
    const seen = await runOnTerminal(otpgate(`enroll ${user}`), [{ after: ASKED, keys: '12\x03' }])
    expect(seen.status).toBe(1)
    expect(seen.screen).toContain('is not confirmed, and does not count')
    expect(seen.screen).toContain(`${user} cannot log in; finish with: otpgate confirm ${user}`)
    expect(seen.settings).toMatch(/\bicanon\b.*\secho\b/s)
    expect(seen.settings).not.toMatch(/-icanon|-echo\b/)
    expect(await shell.readJson(['show', user])).toMatchObject({
      status: 'must-enroll',
      devices: [{ confirmed: false, counts: false }],
    })
  })

  test('confirm finishes what was interrupted', async () => {
    await reset()
    const { screen } = await runOnTerminal(otpgate(`enroll ${user}`), [
      { after: ASKED, keys: '\x04' },
    ])
    const answer = { after: ASKED, keys: `${appCode(secretOn(screen))}\r` }
    const seen = await runOnTerminal(otpgate(`confirm ${user}`), [answer])
    expect(seen.status).toBe(0)
    expect(seen.screen.match(RECOVERY_CODE)).toHaveLength(10)
  })

  test('a window too small for the QR code gets the key, and ways to see the code', async () => {
    await enrollAnew()
    const { screen, status } = await runOnTerminal(otpgate(`qr ${user}`))
    expect(status).toBe(0)
    expect(screen).toMatch(/needs \d+ columns and \d+ lines; this window has 80 and 24\./)
    expect(screen).toContain(`otpgate qr ${user} --qr png --out FILE`)
    expect(screen).toContain('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ')
    expect(screen).not.toContain('\u2588')
  })

  test('nothing that is said is wider than 80 columns, the link aside', async () => {
    await reset()
    const answers = ['word', wrongAppCode(RFC_SECRET), appCode(RFC_SECRET, 'now - 10 minutes')]
    const { screen } = await runOnTerminal(otpgate(`enroll ${user} --secret-stdin`), [
      { after: 'base32: ', keys: `${RFC_SECRET}\r` },
      ...[...answers, appCode(RFC_SECRET)].map((code) => ({ after: ASKED, keys: `${code}\r` })),
    ])
    const said = screen.split('\r\n').filter((line) => !line.includes('otpauth://'))
    expect(said.filter((line) => line.length > 80)).toEqual([])
    expect(screen).toContain('is enrolled.')
  })

  test.each([
    { env: {}, hasColour: true },
    { env: { NO_COLOR: '1' }, hasColour: false },
    { env: { TERM: 'dumb' }, hasColour: false },
  ])('with $env escape sequences are used: $hasColour', async ({ env, hasColour }) => {
    await enrollAnew()
    const { screen } = await runOnTerminal(otpgate(`qr ${user}`), [], { ...LARGE, env })
    expect(screen).toContain('\u2588')
    expect(screen.includes('\x1b[')).toBe(hasColour)
    const background = 'dark'
    expect(readQrImages([rasteriseTerminal(qrCodeOn(screen), background)])).toEqual([uriOn(screen)])
  })

  test('--invert is for dark text on a light background', async () => {
    await enrollAnew()
    const { screen } = await runOnTerminal(otpgate(`qr ${user} --invert`), [], LARGE)
    expect(readQrImages([rasteriseTerminal(qrCodeOn(screen), 'light')])).toEqual([uriOn(screen)])
  })

  test('a PNG picture is refused, and nobody is enrolled by it', async () => {
    await reset()
    const seen = await runOnTerminal(otpgate(`enroll ${user} --no-confirm --qr png`))
    expect(seen.status).toBe(2)
    expect(seen.screen).toContain('a PNG picture is not written to a terminal')
    expect(await shell.readJson(['show', user])).toMatchObject({ devices: [] })
  })

  test('a PNG picture goes to a file, and the key is shown all the same', async () => {
    await enrollAnew()
    const file = join(shell.directory, 'qr.png')
    const seen = await runOnTerminal(otpgate(`qr ${user} --qr png --out ${file}`))
    expect(seen.status).toBe(0)
    expect(existsSync(file)).toBe(true)
    expect(seen.screen).toContain('GEZD GNBV')
  })

  test('what is destructive asks, and takes anything but yes for no', async () => {
    await enrollAnew()
    for (const keys of ['\r', 'n\r', 'yess\r', '\x04', '\x03']) {
      const seen = await runOnTerminal(otpgate(`reset ${user}`), [{ after: '[y/N] ', keys }])
      expect(seen.status, seen.screen).toBe(1)
    }
    expect(await shell.readJson(['show', user])).toMatchObject({ devices: [{ counts: true }] })
    const seen = await runOnTerminal(otpgate(`reset ${user}`), [{ after: '[y/N] ', keys: 'Yes\r' }])
    expect(seen.status).toBe(0)
    expect(await shell.readJson(['show', user])).toMatchObject({ devices: [] })
  })

  test('secrets and codes to be judged are not shown', async () => {
    await reset()
    const secret = { after: 'base32: ', keys: `${RFC_SECRET}\r` }
    const args = `enroll ${user} --secret-stdin --no-confirm --no-recovery --json >/dev/null`
    const enrolled = await runOnTerminal(otpgate(args), [secret])
    expect(enrolled).toMatchObject({ status: 0 })
    expect(enrolled.screen).not.toContain('GEZD')
    const code = appCode(RFC_SECRET)
    const turn = { after: 'Code to judge (Enter for none): ', keys: `${code}\r` }
    const judged = await runOnTerminal(otpgate(`test ${user}`), [turn])
    expect(judged.screen).toContain('would get in')
    expect(judged.screen).not.toContain(code)
  })

  test('tables of people fit into 80 columns', async () => {
    await enrollAnew()
    const { screen } = await runOnTerminal(otpgate('list'))
    expect(screen).toContain('LAST LOGIN')
    expect(screen.split('\r\n').filter((line) => line.length > 80 || line.includes('...'))).toEqual(
      [],
    )
  })
})

function uriOn(screen: string): string {
  return /otpauth:\S+/.exec(screen)?.[0] ?? ''
}

function secretOn(screen: string): string {
  return new URL(uriOn(screen)).searchParams.get('secret') ?? ''
}

function qrCodeOn(screen: string): string {
  const [, below = ''] = screen.split('Scan this with the authenticator app:\r\n')
  const [code = ''] = below.split('\r\nOr type this key')
  return code.replaceAll('\r', '')
}
