import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXEMPT_KEY_NAMES } from '../../src/config/exempt-key.ts'
import { listConfigKeys } from '../../src/config/key-table.ts'
import { parseConfig } from '../../src/config/parse-config.ts'

const EXAMPLE = readFileSync(join(import.meta.dirname, '../../examples/otpgate.toml'), 'utf8')
/** A key that is commented out has no blank behind the #, prose has one. */
const UNCOMMENTED = EXAMPLE.replace(/^#(?=[a-z_]+ = )/gm, '')

test('the example as it stands changes nothing', () => {
  expect(parseConfig(EXAMPLE, 'example')).toEqual(parseConfig('', 'defaults'))
})

test('uncommented, it says the defaults, and examples where a default is nothing', () => {
  const defaults = parseConfig('', 'defaults')
  const exampleOf = (path: string) => listConfigKeys().find((key) => key.path === path)?.example
  expect(UNCOMMENTED).not.toBe(EXAMPLE)
  expect(parseConfig(UNCOMMENTED, 'example')).toEqual({
    ...defaults,
    totp: { ...defaults.totp, issuer: exampleOf('totp.issuer') },
    notify: { ...defaults.notify, events: exampleOf('notify.events') },
  })
})

test('it has every key of the table, once and in its order', () => {
  const inExample: string[] = []
  let section = ''
  for (const line of EXAMPLE.split('\n')) {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section
    const name = /^#([a-z_]+) = /.exec(line)?.[1]
    if (name !== undefined) inExample.push(`${section}.${name}`)
  }
  expect(inExample).toEqual(listConfigKeys().map((key) => key.path))
})

test('its rules can be taken as they are, and show every key a rule may have', () => {
  const rules = EXAMPLE.replace(/^# (?=\[\[exempt\]\]|[a-z_]+ = )/gm, '')
  const { exemptions } = parseConfig(rules, 'example')
  expect(exemptions.map(({ name }) => name)).toEqual([
    'office',
    'backup robot',
    'vetted security keys',
    'any security key',
    'break glass',
  ])
  for (const name of EXEMPT_KEY_NAMES) expect(EXAMPLE).toMatch(new RegExp(`^# ${name} = `, 'm'))
})
