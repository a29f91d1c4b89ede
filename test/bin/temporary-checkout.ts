import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { DIRECTORY_PREFIX } from '../support/host-scope.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
const PROGRAMS = ['otpgate', 'otpgate-verify', 'install-host']
const PACKAGES = ['better-sqlite3', 'argon2', 'node-gyp-build', '@phc']

/** Stands in for both bundles: says what reached it, and exits with the status after `--exit`. */
const STAND_IN = `
const { readFileSync } = require('node:fs')
const read = (fd) => { try { return readFileSync(fd, 'latin1') } catch { return null } }
process.stdout.write(JSON.stringify({
  script: __filename,
  node: process.execPath,
  flags: process.execArgv,
  args: process.argv.slice(2),
  env: process.env,
  stdin: read(0),
  pamEnvironment: read(3),
  limits: readFileSync('/proc/self/limits', 'latin1'),
}))
const at = process.argv.indexOf('--exit')
process.exitCode = at < 0 ? 0 : Number(process.argv[at + 1])
`

/** What the stand-in for a bundle says about itself. */
export interface Sighting {
  readonly script: string
  readonly node: string
  readonly flags: readonly string[]
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string | null
  /** Bytes of descriptor 3; `null`: there was none. */
  readonly pamEnvironment: string | null
  readonly limits: string
}

/** An empty directory that is gone after the test; only its owner gets in. */
export function makeDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-`)))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** A built checkout in a directory of its own: the real programs and packages, stand-in bundles. */
export function makeCheckout(): string {
  const root = makeDirectory()
  for (const folder of ['bin', 'dist', 'examples', 'node_modules']) mkdirSync(join(root, folder))
  for (const program of PROGRAMS)
    copyFileSync(join(REPOSITORY, 'bin', program), join(root, 'bin', program))
  for (const bundle of ['otpgate', 'otpgate-verify']) {
    writeFileSync(join(root, 'dist', `${bundle}.cjs`), STAND_IN)
  }
  for (const name of [...PACKAGES, nodePackage()]) {
    symlinkSync(join(REPOSITORY, 'node_modules', name), join(root, 'node_modules', name))
  }
  writeFileSync(join(root, 'LICENSE'), 'licence\n')
  writeFileSync(join(root, 'examples/otpgate.toml'), '')
  return root
}

/** The package that brings Node for this machine. */
export function nodePackage(): string {
  return `node-linux-${process.arch}`
}

/** Writes an executable shell script. */
export function writeScript(path: string, lines: readonly string[]): void {
  writeFileSync(path, `${['#!/bin/sh', ...lines].join('\n')}\n`)
  chmodSync(path, 0o755)
}
