import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findViolations } from './architecture/check.ts'
import { findClosure } from './architecture/import-graph.ts'
import { layerOf } from './architecture/layer.ts'
import { parseModule, readModules } from './architecture/source-module.ts'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))

/** Our own files that every login loads, bundled into one. */
const VERIFIER_MODULES_AT_MOST = 130

describe('the source tree', () => {
  test('imports only downwards, in no circle, and knows clock and process only at its edge', () => {
    expect(findViolations(readModules(SOURCE))).toEqual([])
  })

  test('has a verifier that loads little, and nothing for people to look at', () => {
    const { modules, packages } = findClosure(readModules(SOURCE), 'pam/main.ts')
    console.info(`pam/main.ts loads ${modules.length} files of ours and ${packages.join(', ')}`)
    expect(packages.toSorted()).toEqual(['better-sqlite3', 'otpauth', 'smol-toml'])
    expect(modules.filter((path) => ['render', 'cli', 'daemon'].includes(layerOf(path)))).toEqual(
      [],
    )
    expect(modules.length).toBeLessThanOrEqual(VERIFIER_MODULES_AT_MOST)
  })
})

/** What the check says about these files and one sound edge, `app/sound.ts` to `base/text.ts`. */
function check(files: Readonly<Record<string, string>>): readonly string[] {
  const sound = { 'base/text.ts': '', 'app/sound.ts': "import { a } from '../base/text.ts'" }
  const all = Object.entries({ ...sound, ...files })
  return findViolations(all.map(([path, source]) => parseModule(path, source)))
}

describe('the check of the source tree', () => {
  test('finds nothing wrong in an edge that goes down', () => {
    expect(check({})).toEqual([])
  })

  test('reports that it saw no file, and that it knows no edge', () => {
    expect(findViolations([])).toEqual(['no file was scanned', 'no file imports another'])
    expect(findViolations([parseModule('base/text.ts', '')])).toEqual(['no file imports another'])
  })

  test.each([
    ['a value', "import { a } from '../app/sound.ts'"],
    ['a type', "import type { A } from '../app/sound.ts'"],
    ['everything', "import * as sound from '../app/sound.ts'"],
    ['several lines', "import {\n  type A,\n  b,\n} from '../app/sound.ts'"],
    ['its effects', "import '../app/sound.ts'"],
    ['on demand', "const a = await import('../app/sound.ts')"],
    ['to hand it on', "export { a } from '../app/sound.ts'"],
    ['all, to hand it on', "export * from '../app/sound.ts'"],
    ['a type in passing', "let a: typeof import('../app/sound.ts')"],
  ])('reports an edge that goes up and imports %s', (_, source) => {
    expect(check({ 'base/errors.ts': source })).toEqual(['base/errors.ts: imports app/sound.ts'])
  })

  test('lets vault have types of the domain, but none of its values', () => {
    const files = {
      'domain/name.ts': '',
      'vault/a.ts': "import type { A } from '../domain/name.ts'",
    }
    expect(check(files)).toEqual([])
    const value = { ...files, 'vault/a.ts': "import { a } from '../domain/name.ts'" }
    expect(check(value)).toEqual(['vault/a.ts: imports domain/name.ts'])
  })

  test('lets host import the ports, and no other file of app', () => {
    const files = { 'app/ports.ts': '', 'host/a.ts': "import type { A } from '../app/ports.ts'" }
    expect(check(files)).toEqual([])
    const other = { ...files, 'host/a.ts': "import type { A } from '../app/sound.ts'" }
    expect(check(other)).toEqual(['host/a.ts: imports app/sound.ts'])
  })

  test('reports a folder that the table does not name', () => {
    expect(check({ 'util/a.ts': "import '../base/text.ts'" })).toEqual([
      'util/a.ts: belongs to no layer',
    ])
  })

  test('reports an import of a file that is not there, or that nobody can know', () => {
    const files = { 'app/a.ts': "import './gone.ts'", 'app/b.ts': 'await import(name)' }
    expect(check(files)).toEqual([
      'app/a.ts: imports app/gone.ts, which is not there',
      'app/b.ts: imports what cannot be read from its text',
    ])
  })

  test('lets one file read package.json, and no other look outside the tree', () => {
    const source = "import json from '../../package.json' with { type: 'json' }"
    expect(check({ 'cli/version.ts': source })).toEqual([])
    expect(check({ 'cli/a.ts': source })).toEqual(['cli/a.ts: imports ../package.json'])
  })

  test('reports a package outside its layer, by any way of importing it', () => {
    const files = {
      'app/a.ts': "import { pino } from 'pino'",
      'host/b.ts': "import type Database from 'better-sqlite3'",
      'pam/c.ts': "const commander = require('commander')",
      'render/d.ts': "import { x } from '@scope/name/deep.js'",
    }
    expect(check(files)).toEqual([
      'app/a.ts: imports the package pino',
      'host/b.ts: imports the package better-sqlite3',
      'pam/c.ts: imports the package commander',
      'render/d.ts: imports the package @scope/name',
    ])
  })

  test('reports a second file that imports a package kept to one', () => {
    const source = "import { HOTP } from 'otpauth'"
    expect(check({ 'domain/a.ts': source })).toEqual([])
    expect(check({ 'domain/a.ts': source, 'domain/b.ts': source })).toEqual([
      'domain/a.ts, domain/b.ts: all import otpauth',
    ])
  })

  test('reports argon2 loaded with the program, not on demand', () => {
    expect(check({ 'vault/a.ts': "await import('argon2')" })).toEqual([])
    expect(check({ 'vault/a.ts': "import { hash } from 'argon2'" })).toEqual([
      'vault/a.ts: loads argon2 at its start',
    ])
  })

  test('reports modules of Node where they do not belong, unless only their types are used', () => {
    const files = {
      'domain/a.ts': "import { readFileSync } from 'node:fs'",
      'render/b.ts': "import { readFileSync } from 'fs'",
      'cli/c.ts': "import type { ReadStream } from 'node:tty'",
      'host/d.ts': "import { spawnSync } from 'node:child_process'",
      'pam/main.ts': "import { writeSync } from 'node:fs'",
    }
    expect(check(files)).toEqual([
      'domain/a.ts: imports node:fs',
      'render/b.ts: imports the package fs',
    ])
  })

  test('reports files that load each other, however long the way round', () => {
    const files = {
      'domain/a.ts': "import './b.ts'",
      'domain/b.ts': "export * from './c.ts'",
      'domain/c.ts': "const a = await import('./a.ts')",
    }
    expect(check(files)).toEqual([
      'cycle: domain/a.ts -> domain/b.ts -> domain/c.ts -> domain/a.ts',
    ])
  })

  test('takes two files that know only types of each other for no circle', () => {
    const files = {
      'domain/a.ts': "import type { B } from './b.ts'",
      'domain/b.ts': "import './a.ts'",
    }
    expect(check(files)).toEqual([])
  })

  test.each([
    ['Date.now', 'const at = Date.now()'],
    ['the current Date', 'const at = new Date()'],
    ['the current Date', 'const at = new Date'],
    ['the current Date', 'const at = Date()'],
    ['performance', 'performance.now()'],
    ['process.env', 'process.env.HOME'],
    ['process.env', 'process?.env'],
    ['process.exit', 'process.exit(0)'],
    ['process as a whole', 'const { env } = process'],
    ['process as a whole', "process['env']"],
    ['globalThis', 'globalThis.process'],
    ['console', 'console.log(1)'],
    ['Math.random', 'Math.random()'],
    ['Date.now', `\`\${Date.now()}\``],
    ['Date.now', "const quote = /['`]/.test(x) || Date.now()"],
  ])('reports %s in the domain: %s', (what, source) => {
    expect(check({ 'domain/a.ts': source })).toEqual([`domain/a.ts: uses ${what}`])
  })

  test('allows clock and process in host and the mains, but chance by Math.random nowhere', () => {
    const source = 'console.log(Date.now(), process.env, Math.random())'
    expect(check({ 'host/a.ts': source, 'pam/main.ts': source, 'pam/verify.ts': source })).toEqual([
      'host/a.ts: uses Math.random',
      'pam/main.ts: uses Math.random',
      'pam/verify.ts: uses Date.now',
      'pam/verify.ts: uses process.env',
      'pam/verify.ts: uses console',
      'pam/verify.ts: uses Math.random',
    ])
  })

  test('reads code only: nothing in comments, strings, templates and regular expressions', () => {
    const source = [
      '// console.log(Date.now())',
      "/* import { a } from '../app/sound.ts' */",
      'const a = "import { a } from \'../app/sound.ts\'"',
      "const b = 'it\\'s console'",
      `const c = \`console \${a} process.env \\\${Date.now()} \${\`console\`}\``,
      'const d = /console[/`]process.env/',
      'const e = new Date(a / 2 / 3)',
      'const f = { process: 1 }',
    ]
    expect(check({ 'base/time.ts': source.join('\n') })).toEqual([])
  })
})

describe('what a program loads at its start', () => {
  const files = [
    parseModule('pam/main.ts', "import '../wire.ts'\nimport type { A } from '../render/a.ts'"),
    parseModule('wire.ts', "import './vault/a.ts'\nimport './app/a.ts'"),
    parseModule('app/a.ts', "import '../wire.ts'\nimport 'otpauth'"),
    parseModule('vault/a.ts', "await import('argon2')\nawait import('../render/a.ts')"),
    parseModule('render/a.ts', "import 'qrcode-terminal'"),
  ]

  test('is followed through every file, and neither to types nor to what comes on demand', () => {
    expect(findClosure(files, 'pam/main.ts')).toEqual({
      modules: ['pam/main.ts', 'wire.ts', 'vault/a.ts', 'app/a.ts'],
      packages: ['otpauth'],
    })
  })

  test('cannot be told of a program that is not there', () => {
    expect(() => findClosure(files, 'daemon/main.ts')).toThrow('there is no daemon/main.ts')
  })
})
