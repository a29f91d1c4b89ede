import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { readTrustedFile } from '../../../src/host/file-mode.ts'

// Stands in for the daemon within its unit, tries what it must be able to do there and what nobody
// must, and writes down what came of it: sandbox-probe.ts DATABASE RESULT KEY NAME.

const INSTALLED = '/usr/lib/otpgate/'
const DOCUMENTATION_ADDRESS = '192.0.2.1'
const [, , database = '', result = '', key = '', name = ''] = process.argv

/** What an attempt gives, or the code of its error. */
function attempt(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error)
  }
}

function run(program: string, ...args: readonly string[]): string | number | null {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : status
}

function writeDatabase(): string {
  const Database = createRequire(INSTALLED)('better-sqlite3')
  const db = new Database(database)
  const mode = db.pragma('journal_mode', { simple: true })
  db.exec('CREATE TABLE IF NOT EXISTS probe (at); INSERT INTO probe VALUES (1)')
  return mode
}

async function hash(): Promise<string> {
  const encoded: string = await createRequire(INSTALLED)('argon2').hash('x')
  return encoded.split('$')[1] ?? ''
}

function connectTcp(): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = connect(22, DOCUMENTATION_ADDRESS, () => resolve('connected'))
    socket.on('error', (error) => resolve('code' in error ? error.code : String(error)))
  })
}

function statusField(field: string): string | undefined {
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
}

const seen = {
  uid: process.getuid?.(),
  keyBytes: attempt(() => readTrustedFile(key, 'credential', 32).length),
  rootsKey: attempt(() => readFileSync('/etc/otpgate/master.key').length),
  configuration: attempt(
    () => readTrustedFile('/etc/otpgate/otpgate.toml', 'config', 65_536)?.length,
  ),
  database: attempt(writeDatabase),
  argon2: await hash(),
  getent: run('/usr/bin/getent', 'passwd', '--', name),
  etc: attempt(() => writeFileSync('/etc/otpgate/otpgate.toml', '')),
  variable: attempt(() => writeFileSync('/var/tmp/../probe', '')),
  tcp: await connectTcp(),
  seesInit: existsSync('/proc/1/status'),
  capabilities: [statusField('CapEff'), statusField('CapBnd')],
  noNewPrivileges: statusField('NoNewPrivs'),
  coreLimit: /^Max core file size +\d+ +(\d+)/m.exec(
    readFileSync('/proc/self/limits', 'utf8'),
  )?.[1],
}
writeFileSync(result, JSON.stringify(seen))
run('/usr/bin/systemd-notify', '--ready', '--status=probed')
setInterval(() => undefined, 60_000)
