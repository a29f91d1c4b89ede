import { renameSync, writeFileSync } from 'node:fs'
import { tamper } from '../../store/sqlite/sqlite-file.ts'
import { move, testAilments } from '../ailment.ts'

testAilments('key and database', [
  {
    title: 'a key that is gone',
    ...move(({ keyFile }) => keyFile),
    severity: 'problem',
    says: 'master.key does not exist',
  },
  {
    title: 'a database that is gone',
    ...move(({ databaseFile }) => databaseFile),
    severity: 'problem',
    says: 'otpgate.db does not exist',
  },
  {
    title: 'a database with a trigger of somebody else',
    breakIt: ({ databaseFile }) =>
      tamper(databaseFile, (db) =>
        db.exec('CREATE TRIGGER mine AFTER UPDATE ON device BEGIN DELETE FROM audit; END'),
      ),
    healIt: ({ databaseFile }) => tamper(databaseFile, (db) => db.exec('DROP TRIGGER mine')),
    severity: 'problem',
    says: 'the database has a trigger, "mine"',
  },
  {
    title: 'a key of another database',
    breakIt: ({ keyFile }) => {
      renameSync(keyFile, `${keyFile}.away`)
      writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o400 })
    },
    healIt: ({ keyFile }) => renameSync(`${keyFile}.away`, keyFile),
    severity: 'problem',
    says: 'key',
  },
])
