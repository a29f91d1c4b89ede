import { writeSync } from 'node:fs'
import { formatLogRecord } from '../app/log-record.ts'
import { createAuthLog } from '../host/auth-log.ts'
import { now } from '../host/clock.ts'
import { createDeadline } from '../host/deadline.ts'
import { openPamEnvironment } from '../host/pam-env.ts'
import { createPasswd } from '../host/passwd.ts'
import { readStdinSecret } from '../host/stdin-secret.ts'
import { createPasswordCheck } from '../host/unix-chkpwd.ts'
import { DEFAULT_CONFIG_PATH, loadConfig, openAccounts, openPorts } from '../wire.ts'
import { runVerifier } from './verify.ts'

/**
 * What the launcher takes for a yes. Not 0: a bundle that a full disk has cut short, and many a way
 * to end early, come to 0 without having judged anything.
 */
const ADMITTED_STATUS = 42

// Deny first: this stands unless the one line below replaces it.
process.exitCode = 1

/** sshd waits for 120 s (LoginGraceTime); 256 starts at once take 5 to 7 s on two cores. */
const DEADLINE_MILLISECONDS = 20_000

/** An upgrade migrates as soon as this verifier is in force: a start of Node, and what the rows take. */
const MIGRATION_MILLISECONDS = 5000

const deadline = createDeadline(DEADLINE_MILLISECONDS)

void main()

async function main(): Promise<void> {
  const writeAuthLog = createAuthLog()
  const isAdmitted = await runVerifier(process.argv.slice(2), DEFAULT_CONFIG_PATH, {
    readEnvironment: () => openPamEnvironment(),
    readAnswer: () => readStdinSecret(0, deadline),
    limitTime: (milliseconds) => deadline.shorten(milliseconds),
    loadConfig,
    openPorts: (config) =>
      openPorts(config, {
        busyMilliseconds: deadline.remaining(),
        beforeCommit: () => deadline.assertOpen(),
        schemaMilliseconds: Math.min(MIGRATION_MILLISECONDS, deadline.remaining()),
      }),
    openAccounts: (config) => openAccounts(config, { busyMilliseconds: deadline.remaining() }),
    openPasswd: () => createPasswd(),
    passwords: createPasswordCheck(),
    now,
    logAuth: (record) => writeAuthLog(record.priority, formatLogRecord(record)),
    say,
  })
  if (isAdmitted) process.exitCode = ADMITTED_STATUS
  // All is committed, said and logged. To wait for Node to take its heap apart costs 3 ms.
  process.exit()
}

/** pam_exec's `stdout` shows it to the user. Somebody who has hung up is no reason to fail. */
function say(line: string): void {
  try {
    writeSync(1, `${line}\n`)
  } catch {
    // Nobody reads it.
  }
}
