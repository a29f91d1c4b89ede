import { copyFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import { openThrowawayHost, type ThrowawayHost } from '../support/throwaway-host.ts'
import { openAdminShell } from './admin-shell.ts'

describe.skipIf(!canRunCommandLine())('while the master key is changed', () => {
  let host: ThrowawayHost

  beforeAll(() => {
    host = openThrowawayHost()
  })
  afterAll(() => host?.close())

  test('status and backup name the file that has the key of the database', async () => {
    const { directory, run, readJson } = await openAdminShell(host, 'key-place')
    const file = join(directory, 'master.key')
    const rotated = Object(await readJson(['key', 'rotate', '--yes']))
    // As README.md has it, for a backup of the older key.
    copyFileSync(file, `${file}.next`)
    renameSync(rotated.old_file, file)
    const { key_id: id } = rotated
    expect(await readJson(['status'])).toMatchObject({ key: { id, file: `${file}.next` } })
    expect((await run(['status'])).stdout).toContain(`key             ${id} in ${file}.next\n`)
    const made = await readJson(['backup', join(directory, 'backup')])
    expect(made).toMatchObject({ key_id: id, key_file: `${file}.next` })
  })

  test('neither minds a next key that is of no use, where none is needed', async () => {
    const { directory, readJson } = await openAdminShell(host, 'key-useless')
    const file = join(directory, 'master.key')
    writeFileSync(`${file}.next`, 'junk', { mode: 0o644 })
    expect(await readJson(['status'])).toMatchObject({ key: { file } })
    const made = await readJson(['backup', join(directory, 'backup')])
    expect(made).toMatchObject({ key_file: file })
  })
})
