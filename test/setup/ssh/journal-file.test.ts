import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { SetupJournal } from '../../../src/setup/ssh/journal.ts'
import { readJournal, writeJournal } from '../../../src/setup/ssh/journal-file.ts'
import { NOW } from '../../support/account-fixture.ts'
import { errorCodeOf } from '../../support/error-code.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { buildJournal, placesIn } from './setup-sample.ts'

describe('the record of a set-up', () => {
  const scratch = useScratchDirectory()
  const places = () => placesIn(scratch)
  const file = () => scratch('state/journal.json')

  test('is not there before the first one', () => {
    expect(readJournal(places())).toBeUndefined()
  })

  test.each<Partial<SetupJournal>>([
    {},
    { phase: 'installing', deadline: undefined, proof: undefined, reloadedAt: undefined },
    { phase: 'reverted', because: 'no-proof', endedAt: NOW, group: 'staff', sshdUnit: undefined },
    { files: [] },
  ])('comes back as it was written: %j', (changes) => {
    const journal = buildJournal(changes)
    writeJournal(places(), journal)
    expect(readJournal(places())).toEqual(journal)
  })

  test('is for root alone, as is the directory of the originals', () => {
    writeJournal(places(), buildJournal())
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(statSync(scratch('state')).mode & 0o777).toBe(0o700)
  })

  test.each([
    ['is no JSON', (text: string) => text.slice(1)],
    ['is of a later format', (text: string) => text.replace('"format": 1', '"format": 2')],
    ['has a phase nobody knows', (text: string) => text.replace('awaiting-proof', 'done')],
    ['names a relative path', (text: string) => text.replace('"/etc/pam.d/sshd"', '"sshd"')],
    ['names a copy elsewhere', (text: string) => text.replace('service-1.', '../../etc/shadow.')],
    ['has a checksum that is none', (text: string) => text.replace('aaaa', 'AAAA')],
    ['has a time that is none', (text: string) => text.replace(/"beganAt": \d+/, '"beganAt": -1')],
    ['lacks what is needed', (text: string) => text.replace('"account"', '"person"')],
  ])('is refused where it %s', (_, spoil) => {
    writeJournal(places(), buildJournal())
    const text = readFileSync(file(), 'utf8')
    expect(spoil(text)).not.toBe(text)
    writeFileSync(file(), spoil(text))
    expect(errorCodeOf(() => readJournal(places()))).toBe('ERR_SETUP_STATE')
  })

  test.each([
    ['others may read it', () => chmodSync(file(), 0o640)],
    ['somebody else owns it', () => chownSync(file(), 65534, 0)],
    ['somebody else owns its directory', () => chownSync(scratch('state'), 65534, 0)],
    ['others may write its directory', () => chmodSync(scratch('state'), 0o777)],
  ])('is refused where %s', (_, spoil) => {
    writeJournal(places(), buildJournal())
    spoil()
    expect(errorCodeOf(() => readJournal(places()))).toBe('ERR_SETUP_STATE')
  })

  test('is refused where it is a symlink', () => {
    mkdirSync(scratch('state'), { mode: 0o700 })
    writeFileSync(scratch('elsewhere'), JSON.stringify(buildJournal()), { mode: 0o600 })
    symlinkSync(scratch('elsewhere'), file())
    expect(errorCodeOf(() => readJournal(places()))).toBe('ERR_SETUP_STATE')
  })
})
