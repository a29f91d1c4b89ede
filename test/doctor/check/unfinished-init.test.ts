import { linkSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { testAilments } from '../ailment.ts'
import type { SickHost } from '../sick-host.ts'

const DRAFT = '.otpgate-0123456789abcdef.tmp'
const markOf = ({ databaseFile }: SickHost) => `${databaseFile}.unfinished`
const draftOf = (file: string) => `${dirname(file)}/${DRAFT}`

testAilments('unfinished set-up', [
  {
    title: 'the mark of a database that was begun',
    breakIt: (host) => writeFileSync(markOf(host), ''),
    healIt: (host) => rmSync(markOf(host)),
    severity: 'warning',
    says: 'otpgate.db.unfinished',
  },
  {
    title: 'a second name of the key',
    breakIt: ({ keyFile }) => linkSync(keyFile, draftOf(keyFile)),
    healIt: ({ keyFile }) => rmSync(draftOf(keyFile)),
    severity: 'warning',
    says: `/etc/${DRAFT}`,
  },
  {
    title: 'an old draft of a database',
    breakIt: ({ databaseFile }) => {
      writeFileSync(draftOf(databaseFile), '', { mode: 0o600 })
      utimesSync(draftOf(databaseFile), 0, 0)
    },
    healIt: ({ databaseFile }) => rmSync(draftOf(databaseFile)),
    severity: 'warning',
    says: `/data/${DRAFT}`,
  },
])
