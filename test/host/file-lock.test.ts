import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { withFileLock } from '../../src/host/file-lock.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const MODULE = new URL('../../src/host/file-lock.ts', import.meta.url).href

describe('withFileLock', () => {
  const scratch = useScratchDirectory()

  test('lets one at a time', async () => {
    const order: string[] = []
    const enter = (name: string) => withFileLock(scratch('lock'), async () => order.push(name))
    const second = await withFileLock(scratch('lock'), async () => {
      const waiting = enter('second')
      // As long as it would have taken to get in: twice what another lock takes.
      for (const name of ['one', 'two']) await withFileLock(scratch(name), async () => undefined)
      order.push('first')
      return { waiting }
    })
    await second.waiting
    expect(order).toEqual(['first', 'second'])
  })

  test('lets go also where the work fails, and hands its error on', async () => {
    const failing = withFileLock(scratch('lock'), () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await withFileLock(scratch('lock'), async () => 'free')).toBe('free')
  })

  test('ends with its holder, however that ends', async () => {
    const program = scratch('hold.ts')
    writeFileSync(
      program,
      `import { withFileLock } from ${JSON.stringify(MODULE)}
await withFileLock(${JSON.stringify(scratch('lock'))}, () => {
  console.log('held')
  return new Promise(() => setInterval(() => {}, 1000))
})
`,
    )
    const holder = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    holder.kill('SIGKILL')
    expect(await withFileLock(scratch('lock'), async () => 'free')).toBe('free')
  })

  test('fails where there is no place for the file', async () => {
    const nowhere = withFileLock(scratch('no/lock'), async () => 'never')
    await expect(nowhere).rejects.toMatchObject({ code: 'ERR_SETUP_STATE' })
  })
})
