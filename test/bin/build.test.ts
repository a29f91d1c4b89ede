import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openImage } from '../../src/host/image.ts'
import { makeDirectory } from './temporary-checkout.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
const PACKAGE: {
  readonly scripts: Readonly<Record<'build:verify' | 'build:cli' | 'build:manual', string>>
} = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))
const BUILDS = [
  { script: 'build:verify', files: ['otpgate-verify.cjs', 'otpgate-verify.image'] },
  { script: 'build:cli', files: ['otpgate.cjs', 'otpgate.image'] },
] as const

/** As the launchers start them; test/bin/launcher.test.ts says which flags those are. */
const COMMAND_FLAGS = ['--disable-sigusr1']
const LOGIN_FLAGS = [...COMMAND_FLAGS, '--v8-pool-size=0']
/** V8 makes other code with it, as another Node does. */
const OTHER_CODE = '--no-opt'
/** What a developer or a CI may have in the environment; each of them changes what V8 makes. */
const OTHERS_ENVIRONMENT =
  'export NODE_OPTIONS=--stack-trace-limit=50 NODE_COMPILE_CACHE=$PWD/c NODE_V8_COVERAGE=$PWD/v'

/** A build in a directory of its own, over files that say `old`. */
function build(script: string, limits: string) {
  const root = makeDirectory()
  for (const name of [
    'src',
    'node_modules',
    'package.json',
    'build-image',
    'build-image.ts',
    'build-manual.ts',
  ]) {
    symlinkSync(join(REPOSITORY, name), join(root, name))
  }
  mkdirSync(join(root, 'dist'))
  const dist = (file: string) => join(root, 'dist', file)
  for (const file of BUILDS.flatMap(({ files }) => files)) writeFileSync(dist(file), 'old')
  const env = { PATH: `${REPOSITORY}/node_modules/.bin:/usr/bin:/bin` }
  const { status } = spawnSync('/bin/sh', ['-c', `${limits}; ${script}`], { cwd: root, env })
  return { status, dist }
}

/** The built verifier without PAM: exit status, and the line for the log, which wants a real pipe. */
function startVerifier(program: string, flags: readonly string[]): string {
  const script = 'line=$("$@" 3</dev/null 4>&1 >/dev/null 2>&1); echo "$? $line"'
  const args = ['-c', script, 'sh', process.execPath, ...flags, program]
  return spawnSync('/bin/sh', args, { encoding: 'utf8', env: {} }).stdout
}

function startCommandLine(program: string, flags: readonly string[]) {
  const args = [...flags, program, '--version']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: {},
  })
  return { status, stdout, stderr }
}

test.each(BUILDS)('$script replaces $files and leaves nothing else', ({ script, files }) => {
  const { status, dist } = build(PACKAGE.scripts[script], ':')
  expect(status).toBe(0)
  for (const file of files) expect(readFileSync(dist(file), 'utf8')).not.toBe('old')
  expect(readdirSync(dist('')).sort()).toEqual(BUILDS.flatMap((one) => one.files).sort())
})

test.each(BUILDS)('$script that cannot write it whole leaves $files as they were', ({
  script,
  files,
}) => {
  // In blocks of 512 bytes: what a full disk does, without filling one.
  const { status, dist } = build(PACKAGE.scripts[script], 'ulimit -f 20')
  expect(status).not.toBe(0)
  for (const file of files) expect(readFileSync(dist(file), 'utf8')).toBe('old')
})

test('build:manual replaces pages and completions wholly, and leaves nothing else', () => {
  const { status, dist } = build(PACKAGE.scripts['build:manual'], ':')
  expect(status).toBe(0)
  mkdirSync(dist('man/old'))
  writeFileSync(dist('completion/old'), '')
  expect(readdirSync(dist(''))).not.toContainEqual(expect.stringMatching(/new/))
  const again = spawnSync(process.execPath, ['build-manual.ts'], { cwd: dist('..') })
  expect(again.status).toBe(0)
  expect(readdirSync(dist('man')).sort()).toEqual([
    'otpgate-verify.8',
    'otpgate.8',
    'otpgate.toml.5',
    'otpgated.8',
  ])
  expect(readdirSync(dist('completion')).sort()).toEqual(['_otpgate', 'otpgate', 'otpgate.fish'])
})

test.each(
  BUILDS.flatMap((part) => [
    { ...part, where: 'once more', before: ':' },
    { ...part, where: "in somebody's environment", before: OTHERS_ENVIRONMENT },
    { ...part, where: 'with its errors to a file', before: 'exec 2>errors' },
  ]),
)('$script makes the same bytes of the same sources $where', ({ script, files, before }) => {
  const [one, other] = [':', before].map((preparation) => {
    const { status, dist } = build(PACKAGE.scripts[script], preparation)
    expect(status).toBe(0)
    return files.map((file) => readFileSync(dist(file), 'latin1'))
  })
  expect(one).toEqual(other)
})

test.each([
  { script: 'build:verify', image: 'otpgate-verify.image', flags: LOGIN_FLAGS },
  { script: 'build:cli', image: 'otpgate.image', flags: COMMAND_FLAGS },
] as const)('$script makes code that V8 takes', ({ script: name, image, flags }) => {
  const { dist } = build(PACKAGE.scripts[name], ':')
  const { source, codeCache } = openImage(readFileSync(dist(image))) ?? {}
  writeFileSync(dist('source'), source ?? '', 'latin1')
  writeFileSync(dist('cache'), codeCache ?? '')
  const script = `
    const { readFileSync } = require('node:fs')
    const cachedData = readFileSync('cache')
    const { cachedDataRejected } = new vm.Script(readFileSync('source', 'latin1'), { cachedData })
    cachedDataRejected`
  const isRejected = (withFlags: readonly string[]) =>
    spawnSync(process.execPath, [...withFlags, '-p', script], {
      cwd: dist(''),
      encoding: 'utf8',
      env: {},
    }).stdout
  expect(isRejected(flags)).toBe('false\n')
  expect(isRejected([...flags, OTHER_CODE])).toBe('true\n')
})

test.each([
  { case: 'as at a login', flags: LOGIN_FLAGS },
  { case: 'where V8 does not take the code', flags: [...LOGIN_FLAGS, OTHER_CODE] },
])('the verifier denies without PAM and says why, $case', ({ flags }) => {
  const { dist } = build(PACKAGE.scripts['build:verify'], ':')
  const said = startVerifier(dist('otpgate-verify.cjs'), flags)
  expect(said).toMatch(/^1 err error reason=ERR_PAM_ENVIRONMENT /)
})

test.each([
  { case: 'as launched', flags: COMMAND_FLAGS },
  { case: 'where V8 does not take the code', flags: [...COMMAND_FLAGS, OTHER_CODE] },
])('the command line says its version, $case', ({ flags }) => {
  const { dist } = build(PACKAGE.scripts['build:cli'], ':')
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))
  const run = startCommandLine(dist('otpgate.cjs'), flags)
  expect(run).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
})

test.each([
  ['is missing', (image: string) => rmSync(image)],
  ['is cut off', (image: string) => truncateSync(image, 500_000)],
  ['is of another text', (image: string) => writeFileSync(image, "console.log('mine')")],
])('the command line does nothing and says why where its image %s', (_, damage) => {
  const { dist } = build(PACKAGE.scripts['build:cli'], ':')
  damage(dist('otpgate.image'))
  const { status, stdout, stderr } = startCommandLine(dist('otpgate.cjs'), COMMAND_FLAGS)
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toBe(
    `otpgate: the installation in ${join(dist('otpgate.cjs'), '..')} is damaged: otpgate.image\n` +
      'hint: install it again; people, key and configuration are not in there\n',
  )
})
