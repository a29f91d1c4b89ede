import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { holdFile } from '../../src/host/held-file.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const MODULE = join(import.meta.dirname, '../../src/host/held-file.ts')
const scratch = useScratchDirectory()
const hold = () => holdFile(scratch('lock'))

test('is one holder’s until it lets go, and leaves no file', () => {
  const first = hold()
  expect(first).toBeDefined()
  expect(statSync(scratch('lock'))).toMatchObject({ size: 0, mode: 0o100600 })
  expect(hold()).toBeUndefined()
  first?.release()
  expect(existsSync(scratch('lock'))).toBe(false)
  const second = hold()
  expect(second).toBeDefined()
  second?.release()
})

test('is let go by a process that is killed, and what it leaves is in nobody’s way', async () => {
  const program = `import { holdFile } from '${MODULE}'
    holdFile('${scratch('lock')}'); console.log('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program])
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  expect(hold()).toBeUndefined()
  child.kill('SIGKILL')
  await exited
  expect(existsSync(scratch('lock'))).toBe(true)
  const held = hold()
  expect(held).toBeDefined()
  held?.release()
})

test('takes a file for what it is by its name: what it holds does not matter', () => {
  writeFileSync(scratch('lock'), 'garbage')
  const held = hold()
  expect(held).toBeDefined()
  expect(readFileSync(scratch('lock'), 'utf8')).toBe('garbage')
  held?.release()
})

test.each([
  ['a symlink to nothing', () => symlinkSync(scratch('target'), scratch('lock')), 'a symlink'],
  [
    'a symlink to a file',
    () => {
      writeFileSync(scratch('other'), '')
      symlinkSync(scratch('other'), scratch('lock'))
    },
    'a symlink',
  ],
  ['a FIFO', () => spawnSync('mkfifo', [scratch('lock')]), 'not a plain file'],
  ['a directory', () => mkdirSync(scratch('lock')), 'not a plain file'],
  [
    'a second name of a file',
    () => {
      writeFileSync(scratch('other'), '')
      linkSync(scratch('other'), scratch('lock'))
    },
    'it has other names',
  ],
])('refuses %s, and makes and changes nothing', (_, make, words) => {
  make()
  expect(hold).toThrow(words)
  expect(errorCodeOf(hold)).toBe('ERR_REFUSED')
  expect(existsSync(scratch('target'))).toBe(false)
})

test.runIf(process.geteuid?.() === 0)('refuses a file of somebody else', () => {
  writeFileSync(scratch('lock'), '')
  chownSync(scratch('lock'), 4711, 4711)
  expect(hold).toThrow('it belongs to uid 4711')
})

test('says that it cannot be made where the directory is missing', () => {
  expect(errorCodeOf(() => holdFile(scratch('no', 'lock')))).toBe('ERR_OUTPUT_FAILED')
})
