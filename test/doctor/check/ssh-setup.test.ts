import { createHash } from 'node:crypto'
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import type { SetupJournal, SetupPhase } from '../../../src/setup/ssh/journal.ts'
import { writeJournal } from '../../../src/setup/ssh/journal-file.ts'
import { buildJournal } from '../../setup/ssh/setup-sample.ts'
import { NOW } from '../../support/account-fixture.ts'
import { edit, recipeOf, testAilments } from '../ailment.ts'
import type { SickHost } from '../sick-host.ts'

const record = ({ places }: SickHost, changes: Partial<SetupJournal>) =>
  writeJournal({ stateDirectory: places.setupState }, buildJournal(changes))

/** One that was confirmed, with the recipe as it is by now. */
function recordConfirmed(host: SickHost): void {
  const path = recipeOf(host)
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  const installed = { sha256, mode: 0o644, uid: 0, gid: 0 }
  const file = { role: 'recipe', path, original: undefined, copy: undefined, installed } as const
  record(host, { phase: 'confirmed', endedAt: NOW, files: [file] })
}

const inPhase = (phase: SetupPhase) => ({
  breakIt: (host: SickHost) => record(host, { phase }),
  healIt: recordConfirmed,
  severity: 'warning' as const,
})

testAilments('set-up for SSH', [
  {
    title: 'one that waits for its proof',
    ...inPhase('awaiting-proof'),
    says: 'waits for a login that proves it',
  },
  { title: 'one that was cut off', ...inPhase('installing'), says: 'was cut off in the middle' },
  {
    title: 'a file that somebody has changed since',
    breakIt: (host) => {
      recordConfirmed(host)
      edit(recipeOf(host), '\nauth', '\n# by hand\nauth')
    },
    healIt: (host) => edit(recipeOf(host), '\n# by hand\nauth', '\nauth'),
    severity: 'warning',
    says: '1 file of the set-up for SSH changed since: ',
  },
  {
    title: 'a record that others can read',
    breakIt: (host) => {
      recordConfirmed(host)
      chmodSync(`${host.places.setupState}/journal.json`, 0o666)
    },
    healIt: ({ places }) => rmSync(places.setupState, { recursive: true }),
    severity: 'warning',
    says: 'journal.json is not trusted',
  },
])
