import { copyFileSync, rmSync } from 'node:fs'
import { testAilments } from '../ailment.ts'

testAilments('key change', [
  {
    title: 'a change that has not ended',
    breakIt: ({ keyFile }) => copyFileSync(keyFile, `${keyFile}.next`),
    healIt: ({ keyFile }) => rmSync(`${keyFile}.next`),
    severity: 'warning',
    says: 'a change of the master key has not ended',
  },
  {
    title: 'an old key beside the one in use',
    breakIt: ({ keyFile }) => copyFileSync(keyFile, `${keyFile}.old-0123abcd`),
    healIt: ({ keyFile }) => rmSync(`${keyFile}.old-0123abcd`),
    severity: 'warning',
    says: '1 old master key beside the one in use: ',
  },
])
