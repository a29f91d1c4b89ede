import { statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// Stands in for `otpgate maintain` within its unit: writes to DATABASE, and writes down in RESULT to
// whom the files belong that SQLite has made beside it: companion-probe.ts DATABASE RESULT.

const [, , database = '', result = ''] = process.argv
const Database = createRequire('/usr/lib/otpgate/')('better-sqlite3')
const db = new Database(database)
db.exec('UPDATE account SET name = name')
const owners = ['', '-wal', '-shm'].map((tail) => statSync(database + tail).uid)
writeFileSync(result, JSON.stringify(owners))
db.close()
