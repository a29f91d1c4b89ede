import fc from 'fast-check'
import { expect, test } from 'vitest'
import { listConfigKeys } from '../../src/config/key-table.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { renderConfig } from '../../src/config/render-config.ts'
import { readToml } from '../../src/config/toml.ts'

const parse = (text: string) => parseConfig(text, 'test')

test('the defaults read back as they were', () => {
  expect(parse(renderConfig(parse('')))).toEqual(parse(''))
})

test('texts with quotes, backslashes and other scripts read back as they were', () => {
  const printable = fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' })
  fc.assert(
    fc.property(printable, fc.array(fc.constantFrom('a', 'b-c', 'd_e')), (issuer, services) => {
      const toml = `totp.issuer = ${JSON.stringify(issuer)}`
      fc.pre(readToml(toml).outcome === 'table' && isAllowed(toml))
      const list = JSON.stringify([...new Set(services)])
      const config = parse(`${toml}\npolicy.code_alone = ${list}`)
      expect(config.totp.issuer).toBe(issuer)
      expect(parse(renderConfig(config))).toEqual(config)
    }),
  )
})

test('every key stands there once, with its description above it', () => {
  const text = renderConfig(parse(''))
  for (const key of listConfigKeys()) {
    expect(text.split(`# ${key.about}\n`)).toHaveLength(2)
    expect(text.match(new RegExp(`^#?${key.name} = `, 'gm'))).toHaveLength(1)
  }
})

function isAllowed(toml: string): boolean {
  try {
    return parse(toml) !== undefined
  } catch {
    return false
  }
}
