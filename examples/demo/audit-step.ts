import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { renderTable } from '../../src/render/table.ts'
import { createAdmin } from './admin.ts'
import { writeConfigFile } from './config-file.ts'
import type { Scene } from './scene.ts'
import type { Finding } from './tally.ts'

/** Indented by five, a table this wide ends at column 80. */
const TABLE_WIDTH = 75

/** Exit status of `otpgate audit verify` for a log that is not as it was written. */
const FOUND_PROBLEMS = 9

/** A row of `otpgate audit --json`, as far as it is shown. */
interface Row {
  readonly seq: number
  readonly at: string
  readonly action: string
  readonly outcome: string
  readonly count: number
  readonly how: string
  readonly from: string
}

/** `otpgate audit`: everything that was decided above is in it, in order, and nothing else. */
export async function readAudit({ admin, screen, decisions }: Scene): Promise<Finding> {
  const rows = parseRows(await admin.require('audit', '--json'))
  const complete = rows.filter(({ outcome }) => outcome !== 'unfinished')
  const cells = complete.map((row) => [
    String(row.seq),
    row.at.slice('2026-11-22T'.length),
    row.action,
    row.outcome,
    row.how,
    row.from,
  ])
  const table = renderTable(['seq', 'time', 'action', 'outcome', 'how or why', 'from'], cells, {
    width: TABLE_WIDTH,
  })
  for (const line of table.split('\n')) screen.seen(line)
  const logins = complete.filter(({ action }) => action === 'login')
  const logged = logins.flatMap(({ outcome, count }) => Array<string>(count).fill(outcome))
  const isExpected = logged.join() === decisions.join()
  return {
    isExpected,
    happened: isExpected
      ? `all ${decisions.length} codes that were tried are in it`
      : `it should say ${decisions.join(', ')}`,
  }
}

/** `otpgate audit verify` on the log as it is, and on a copy in which one row was changed. */
export async function verifyAudit(scene: Scene): Promise<Finding> {
  const { admin, screen, stage } = scene
  const genuine = await admin.run('audit', 'verify')
  screen.seen(genuine.stdout.trim())
  const { configPath, statement } = forgeCopy(stage.configPath)
  screen.typed(`sqlite3 copy.db "${statement}"`)
  const forged = await createAdmin(screen, configPath).run('audit', 'verify')
  screen.seen(forged.stdout.trim())
  const isExpected = genuine.status === 0 && forged.status === FOUND_PROBLEMS
  return {
    isExpected,
    happened: isExpected ? 'the log is whole, and the forged copy is found out' : 'not told apart',
  }
}

/** A copy of the database in which the first denial became an entry; the real one is left alone. */
function forgeCopy(configPath: string): {
  readonly configPath: string
  readonly statement: string
} {
  const directory = dirname(configPath)
  const secretDirectory = join(directory, 'secret')
  const copy = join(secretDirectory, 'copy.db')
  const copyConfig = join(directory, 'copy.toml')
  const statement = "UPDATE audit SET outcome='accepted' WHERE seq=2"
  copyFileSync(join(secretDirectory, 'otpgate.db'), copy)
  const database = new Database(copy)
  try {
    database.exec(statement)
  } finally {
    database.close()
  }
  writeConfigFile(copyConfig, { database: copy, key: join(secretDirectory, 'master.key') })
  return { configPath: copyConfig, statement }
}

function parseRows(text: string): Row[] {
  const rows: unknown = JSON.parse(text)
  if (!Array.isArray(rows)) throw new Error('otpgate audit prints no list')
  return rows.map((row) => ({
    seq: Number(row.seq),
    at: String(row.at),
    action: String(row.action),
    outcome: String(row.outcome),
    count: Number(row.count),
    how: [row.method, row.reason, row.device].filter((each) => each !== undefined).join(' '),
    from: String(row.address ?? '-'),
  }))
}
