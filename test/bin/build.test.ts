import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDirectory } from './temporary-checkout.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
const PACKAGE: { readonly scripts: Readonly<Record<'build:verify' | 'build:cli', string>> } =
  JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))
const BUNDLES = [
  { script: 'build:verify', bundle: 'otpgate-verify.cjs' },
  { script: 'build:cli', bundle: 'otpgate.cjs' },
] as const

/** A build in a directory of its own, over bundles that say `old`. */
function build(script: string, limits: string) {
  const root = makeDirectory()
  for (const name of ['src', 'node_modules', 'package.json']) {
    symlinkSync(join(REPOSITORY, name), join(root, name))
  }
  mkdirSync(join(root, 'dist'))
  for (const { bundle } of BUNDLES) writeFileSync(join(root, 'dist', bundle), 'old')
  const env = { PATH: `${REPOSITORY}/node_modules/.bin:/usr/bin:/bin` }
  const { status } = spawnSync('/bin/sh', ['-c', `${limits}; ${script}`], { cwd: root, env })
  return { status, dist: join(root, 'dist') }
}

test.each(BUNDLES)('$script replaces $bundle', ({ script, bundle }) => {
  const { status, dist } = build(PACKAGE.scripts[script], ':')
  expect(status).toBe(0)
  expect(readFileSync(join(dist, bundle), 'utf8').length).toBeGreaterThan(10_000)
  expect(readdirSync(dist).sort()).toEqual(['otpgate-verify.cjs', 'otpgate.cjs'])
})

test.each(BUNDLES)('$script that cannot write it whole leaves $bundle as it was', ({
  script,
  bundle,
}) => {
  // In blocks of 512 bytes: what a full disk does, without filling one.
  const { status, dist } = build(PACKAGE.scripts[script], 'ulimit -f 20')
  expect(status).not.toBe(0)
  expect(readFileSync(join(dist, bundle), 'utf8')).toBe('old')
})
