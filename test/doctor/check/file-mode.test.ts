import { chownSync } from 'node:fs'
import { mode, testAilments } from '../ailment.ts'

const STRANGER_UID = 65_533

testAilments('owners and modes', [
  {
    title: 'a program file of somebody else',
    breakIt: (host) => {
      host.write('program/lib/a.js', '')
      chownSync(`${host.places.programRoot}/lib/a.js`, STRANGER_UID, 0)
    },
    healIt: (host) => chownSync(`${host.places.programRoot}/lib/a.js`, 0, 0),
    severity: 'problem',
    says: '/program/lib/a.js can be changed by others than root',
  },
  {
    title: 'a key that others can read',
    ...mode(({ keyFile }) => keyFile, 0o440, 0o400),
    severity: 'problem',
    says: 'master.key is open to group or world',
  },
  {
    title: 'a database that others can write',
    ...mode(({ databaseFile }) => databaseFile, 0o666, 0o600),
    severity: 'problem',
    says: 'otpgate.db is writable by group or world',
  },
  {
    title: 'a directory of the database that others can write',
    ...mode(({ databaseFile }) => databaseFile.replace('/otpgate.db', ''), 0o777, 0o700),
    severity: 'problem',
    says: '/data is writable by group or world',
  },
])
