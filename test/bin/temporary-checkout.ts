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
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { DIRECTORY_PREFIX } from '../support/host-scope.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
const LAUNCHERS = ['otpgate', 'otpgate-verify', 'otpgated']
const INSTALLER = ['install-host', 'tree', 'trial', 'switch', 'paper', 'still-named']
const PACKAGES = ['better-sqlite3', 'argon2', 'node-gyp-build', '@phc']

/** What the checkout's package.json and its stand-in for the command line say. */
export const CHECKOUT_VERSION = '1.2.3'

/** Stand-ins for manual pages and completions, below dist: each holds its own name. */
export const CHECKOUT_PAPERS = [
  'man/otpgate.8',
  'man/otpgate.toml.5',
  'completion/otpgate',
  'completion/_otpgate',
  'completion/otpgate.fish',
] as const

/**
 * Stands in for all bundles: says what reached it, and exits with the status after `--exit`. Like
 * the real ones it knows `--version` and `--first-factor-missing`, and denies where PAM's environment is
 * empty.
 */
const STAND_IN = `
const { readFileSync, writeSync } = require('node:fs')
const read = (fd) => { try { return readFileSync(fd, 'latin1') } catch { return null } }
const sighting = {
  script: __filename,
  node: process.execPath,
  flags: process.execArgv,
  args: process.argv.slice(2),
  env: process.env,
  stdin: read(0),
  pamEnvironment: read(3),
  limits: readFileSync('/proc/self/limits', 'latin1'),
}
const isDenied = sighting.pamEnvironment === ''
if (isDenied) writeSync(4, 'err error reason=ERR_PAM_ENVIRONMENT\\n')
const isAsked = process.argv[2] === '--version'
process.stdout.write(isAsked ? '${CHECKOUT_VERSION}\\n' : JSON.stringify(sighting))
const at = process.argv.indexOf('--exit')
const isQuestion = process.argv[2] === '--first-factor-missing'
const isMissing = !/SSH_AUTH_INFO_0=[^\\0]/.test(sighting.pamEnvironment)
process.exitCode = isQuestion ? (isMissing ? 42 : 1) : at < 0 ? Number(isDenied) : Number(process.argv[at + 1])
`

/** Answers the question that needs no daemon, and else becomes the direct verifier, like the real one. */
const CLIENT_STAND_IN = [
  '[ "$1" != --first-factor-missing ] || { [ -z "$SSH_AUTH_INFO_0" ]; exit; }',
  'exec "$0-direct" "$@"',
] as const

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

/**
 * A built checkout in a directory of its own: the real programs and packages, stand-in bundles, and a
 * stand-in for the client.
 */
export function makeCheckout(): string {
  const root = makeDirectory()
  for (const folder of ['bin', 'dist', 'examples', 'node_modules', 'systemd']) {
    mkdirSync(join(root, folder))
  }
  for (const program of [...LAUNCHERS, ...INSTALLER])
    copyFileSync(join(REPOSITORY, 'bin', program), join(root, 'bin', program))
  for (const bundle of ['otpgate', 'otpgate-verify', 'otpgated']) {
    writeFileSync(join(root, 'dist', `${bundle}.cjs`), STAND_IN)
  }
  for (const image of ['otpgate', 'otpgate-verify']) {
    writeFileSync(join(root, 'dist', `${image}.image`), '')
  }
  writeScript(join(root, 'dist/otpgate-client'), CLIENT_STAND_IN)
  for (const path of CHECKOUT_PAPERS) {
    mkdirSync(dirname(join(root, 'dist', path)), { recursive: true })
    writeFileSync(join(root, 'dist', path), `${path}\n`)
  }
  for (const name of [...PACKAGES, nodePackage()]) {
    symlinkSync(join(REPOSITORY, 'node_modules', name), join(root, 'node_modules', name))
  }
  writeFileSync(join(root, 'LICENSE'), 'licence\n')
  writeFileSync(join(root, 'package.json'), JSON.stringify({ version: CHECKOUT_VERSION }))
  writeFileSync(join(root, 'examples/otpgate.toml'), '')
  mkdirSync(join(root, 'examples/demo'))
  writeFileSync(join(root, 'systemd/otpgated.socket'), '')
  return root
}

/** The package that brings Node for this machine. */
export function nodePackage(): string {
  return `node-linux-${process.arch}`
}

/**
 * Puts the real start of the verifier in the place of its stand-in, and `image` beside it. Returns the
 * launcher.
 */
export function writeImage(root: string, image: Buffer): string {
  copyFileSync(join(REPOSITORY, 'dist/otpgate-verify.cjs'), join(root, 'dist/otpgate-verify.cjs'))
  writeFileSync(join(root, 'dist/otpgate-verify.image'), image)
  return join(root, 'bin/otpgate-verify')
}

/** Puts `code` in the place of the command line's bundle; what it does beside saying its version. */
export function writeCommandLine(root: string, code: string): void {
  const version = `if (process.argv[2] === '--version') return console.log('${CHECKOUT_VERSION}')`
  writeFileSync(join(root, 'dist/otpgate.cjs'), `${version}\n${code}\n`)
}

/** Writes an executable shell script. */
export function writeScript(path: string, lines: readonly string[]): void {
  writeFileSync(path, `${['#!/bin/sh', ...lines].join('\n')}\n`)
  chmodSync(path, 0o755)
}
