import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { readProgramFiles } from '../../src/setup/program-file.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

const SHIPPED = ['pam.d/otpgate-key-then-code', 'sshd_config.d/00-otpgate.conf', 'otpgate.toml']

function makeRoot(name: string, verifier: string): string {
  const line = 'auth requisite pam_exec.so /usr/lib/otpgate/otpgate-verify\n'
  for (const path of [verifier, ...SHIPPED.map((file) => `examples/${file}`)]) {
    mkdirSync(dirname(scratch(name, path)), { recursive: true })
    writeFileSync(scratch(name, path), line)
  }
  return scratch(name)
}

function recipeOf(root: string): string {
  return readProgramFiles(root, '').pamRecipe
}

test('the recipe names the verifier by the link to the tree in force', () => {
  const root = makeRoot('otpgate-1.2.3-1', 'otpgate-verify')
  symlinkSync('otpgate-1.2.3-1', scratch('otpgate'))
  expect(recipeOf(root)).toContain(` ${scratch('otpgate/otpgate-verify')}\n`)
})

test('the recipe of a tree that is not in force names that tree', () => {
  makeRoot('otpgate-1.2.3-2', 'otpgate-verify')
  symlinkSync('otpgate-1.2.3-2', scratch('otpgate'))
  const root = makeRoot('otpgate-1.2.3-1', 'otpgate-verify')
  expect(recipeOf(root)).toContain(` ${root}/otpgate-verify\n`)
})

test('the recipe of a checkout names the launcher in bin', () => {
  const root = makeRoot('checkout', 'bin/otpgate-verify')
  expect(recipeOf(root)).toContain(` ${root}/bin/otpgate-verify\n`)
})
