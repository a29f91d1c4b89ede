import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { EXIT, listErrorCodes } from '../../src/cli/exit-codes.ts'
import { EXEMPT_KEY_NAMES } from '../../src/config/exempt-key.ts'
import { listConfigKeys } from '../../src/config/key-table.ts'
import { USAGE } from '../../src/daemon/arguments.ts'
import { type CommandView, listCommands, viewProgram } from '../../src/manual/command-view.ts'
import { listPages } from '../../src/manual/page-list.ts'
import { synopsisOf } from '../../src/manual/program-page.ts'
import { parseArguments } from '../../src/pam/arguments.ts'
import { formatPage } from './formatted-page.ts'

const PAGES = listPages('1.2.3')

/** The page as a person reads it, without its line ends. */
function read(name: string): string {
  const page = PAGES.find((each) => each.name === name)
  return formatPage(page?.text ?? '').text.replace(/\s+/g, ' ')
}

test('man has nothing to warn of in any page', () => {
  expect(PAGES.map(({ name }) => name)).toEqual([
    'otpgate.8',
    'otpgate-verify.8',
    'otpgated.8',
    'otpgate.toml.5',
  ])
  for (const { name, text } of PAGES) {
    const { stderr, text: shown } = formatPage(text)
    expect({ name, stderr }).toEqual({ name, stderr: '' })
    expect(shown).toContain('otpgate 1.2.3')
  }
})

test('the same sources make the same pages', () => {
  expect(listPages('1.2.3')).toEqual(PAGES)
  for (const { text } of PAGES) expect(text).toMatch(/^\.TH \S+ [58] "" "otpgate 1\.2\.3" /)
})

describe('otpgate(8)', () => {
  const commands = listCommands(viewProgram()).slice(1)

  const page = PAGES.find(({ name }) => name === 'otpgate.8')
  const parts = formatPage(page?.text ?? '').text.split(/^ {3}(?=\S)/m)

  /** What the page has below the heading of this command, as one line. */
  function readPart(command: CommandView): string {
    const heading = synopsisOf(command).replace(/[`<>]/g, '')
    return (parts.find((part) => part.startsWith(`${heading}\n`)) ?? '').replace(/\s+/g, ' ')
  }

  test.each(commands)('has $path with what it does, and each of its options', (command) => {
    const part = readPart(command)
    expect(part).toContain(command.about.slice(1))
    for (const { short, long, about, value } of command.options) {
      if (long === '--help') continue
      const name = short === undefined ? long : `${short}, ${long}`
      expect(part).toContain(value === undefined ? name : `${name} ${value.name}`)
      expect(part).toContain(about)
    }
    for (const argument of command.arguments) expect(part).toContain(argument.about)
    for (const alias of command.aliases) expect(part).toContain(`Also spelled ${alias}.`)
  })

  test('has every exit status and every code of an error', () => {
    const page = read('otpgate.8')
    for (const status of Object.values(EXIT)) expect(page).toMatch(new RegExp(` ${status} [a-z]`))
    for (const { code } of listErrorCodes()) expect(page).toMatch(new RegExp(`\\b${code}\\b`))
  })
})

test('otpgate.toml(5) has every key, with what it may hold', () => {
  const page = read('otpgate.toml.5')
  for (const { section, name, about, rule } of listConfigKeys()) {
    expect(page).toContain(`[${section}]`)
    expect(page).toContain(` ${name} ${about}. Allowed: ${rule.allowed}.`)
  }
  const rule = page.slice(page.indexOf('EXEMPTIONS'))
  for (const name of EXEMPT_KEY_NAMES) {
    expect(rule).toMatch(new RegExp(` ${name} (?:(?! Allowed:).)+\\. Allowed:`))
  }
})

/** Every option that a program's own source names. */
function optionsIn(source: string): readonly string[] {
  const text = readFileSync(new URL(`../../src/${source}`, import.meta.url), 'utf8')
  return [...new Set(text.match(/(?<=')--[a-z-]+(?=')/g))]
}

test('otpgate-verify(8) has every argument of a line of pam.d', () => {
  const page = read('otpgate-verify.8')
  const options = optionsIn('pam/arguments.ts')
  expect(options).toContain('--excused')
  for (const option of options) expect(page).toContain(option)
})

test('otpgate-verify(8) has no argument that is not understood', () => {
  const values = ['group', '/file', '0'.repeat(32), '1'].map((value) => [value])
  for (const option of read('otpgate-verify.8').match(/(?<= )--[a-z-]+/g) ?? []) {
    const isUnderstood = [[], ...values].some((rest) => {
      try {
        parseArguments([option, ...rest], '/file')
        return true
      } catch {
        return false
      }
    })
    expect({ option, isUnderstood }).toEqual({ option, isUnderstood: true })
  }
})

test('otpgated(8) has every option of the daemon', () => {
  const page = read('otpgated.8')
  const options = [...optionsIn('daemon/arguments.ts'), ...(USAGE.match(/--[a-z]+/g) ?? [])]
  expect(options).toContain('--socket')
  for (const option of options) expect(page).toContain(option)
})
