import { resolve } from 'node:path'
import { Command } from 'commander'
import { checkSecrets } from '../../app/check-secrets.ts'
import { compareBackup, namesIn, type RestoreFinding } from '../../app/compare-backup.ts'
import { AppError } from '../../base/errors.ts'
import { plural, toPrintable } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import { now } from '../../host/clock.ts'
import { findUids } from '../../host/passwd-batch.ts'
import { loadConfig } from '../../wire.ts'
import { type OpenBackup, openBackup, type Present } from '../../wire-restore.ts'
import type { Cli, CommonOptions } from '../context.ts'
import { ADMIN_TIME_LIMIT, asAdmin } from '../open-session.ts'
import { reasonOption } from '../reason-option.ts'
import { printJson } from '../report.ts'
import { countKinds, wordFinding } from '../restore-words.ts'
import { askToGoOn } from '../targets.ts'

/** More than anybody reads before a question; programs get them all. */
const SHOWN_FINDINGS = 20

interface RestoreOptions extends CommonOptions {
  readonly reason?: string
  readonly yes?: true
}

/** `otpgate restore FILE` */
export function restoreCommand(cli: Cli): Command {
  return new Command('restore')
    .description('put a backup in the place of the database, which is kept beside it')
    .argument('<file>', 'made by: otpgate backup')
    .addOption(reasonOption())
    .option('-y, --yes', 'do not ask')
    .action(async (file: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RestoreOptions>()
      const config = asAdmin(() => loadConfig(options.config))
      const opened = asAdmin(() => openBackup(config, ADMIN_TIME_LIMIT, resolve(file)))
      try {
        await restore(cli, opened, options)
      } finally {
        opened.close()
      }
    })
}

async function restore(cli: Cli, opened: OpenBackup, options: RestoreOptions): Promise<void> {
  await assertSound(opened)
  const { saved, present, backup } = opened
  const findings = await compareBackup({
    saved,
    past: present.past,
    isOurs: present.kind === 'ours',
    uids: lookUp(cli, await namesIn(saved), options),
    now: now(),
  })
  if (!options.json) introduce(cli, opened, findings)
  const from = backup.newestAt === undefined ? 'the beginning' : formatTime(backup.newestAt)
  await askToGoOn(cli, `Go back to ${from}?`, options.yes)
  const what = `${plural(backup.people, 'account')}, as of ${from}`
  const reason = options.reason === undefined ? what : `${what}: ${options.reason}`
  const event = { actor: cli.actor(), action: 'restore', outcome: 'done', reason } as const
  const kept = opened.apply({ event })
  if (options.json) return printJson(cli, toView(opened, findings, kept))
  if (kept !== undefined) cli.print(`kept    ${toPrintable(kept)}, which was there before\n`)
  cli.talk('restored. Codes that an app shows now do not count any more: the next ones do')
}

/** Throws ERR_STORE_CORRUPT for a log that was changed, and ERR_SEALED_INVALID for lost secrets. */
async function assertSound({ backup, saved, vault }: OpenBackup): Promise<void> {
  const { problem } = backup.audit
  if (problem !== undefined) {
    const what = `the audit log in the backup does not hold at row ${problem.seq}: ${problem.what}`
    throw new AppError('ERR_STORE_CORRUPT', what, { hint: 'take another one; nothing was changed' })
  }
  const [lost] = (await checkSecrets(saved, vault)).unopened
  if (lost === undefined) return
  const whose = `the backup holds a secret of ${toPrintable(lost.user)} that does not open`
  throw new AppError('ERR_SEALED_INVALID', whose, { hint: 'take another one; nothing was changed' })
}

/** A directory may take its time. */
function lookUp(cli: Cli, names: readonly string[], { json }: RestoreOptions) {
  const showsProgress = cli.terminal.isTerminal && !json
  let shown = 0
  const uids = findUids(names, (done) => {
    shown = done
    if (showsProgress) cli.print(`\r${plural(done, 'user')} looked up`)
  })
  if (showsProgress && shown > 0) cli.print('\n')
  return uids
}

function introduce(
  cli: Cli,
  { backup, present }: OpenBackup,
  findings: readonly RestoreFinding[],
): void {
  const content = `${plural(backup.people, 'account')}, ${plural(backup.audit.rows, 'audit row')}`
  cli.print(`backup  ${content}, key ${backup.keyIds.join(' and ')}\n`)
  introducePresent(cli, present)
  for (const finding of findings.slice(0, SHOWN_FINDINGS)) {
    const { line, command } = wordFinding(finding)
    cli.talk(`${toPrintable(finding.user)}: ${line}`)
    if (command !== undefined) cli.talk(`    afterwards: ${command}`)
  }
  const left = findings.slice(SHOWN_FINDINGS)
  if (left.length === 0) return
  cli.talk(`... and ${left.length} more (${countKinds(left)}); all of them: --json`)
}

/** What the findings below are worth. */
function introducePresent(cli: Cli, present: Present): void {
  if (present.kind === 'ours') return
  const flaws = present.kind === 'absent' ? ['there is no database'] : present.flaws
  for (const flaw of flaws.slice(0, SHOWN_FINDINGS)) cli.talk(`present database: ${flaw}`)
  if (flaws.length > SHOWN_FINDINGS) cli.talk(`... and ${flaws.length - SHOWN_FINDINGS} more`)
  if (present.kind === 'readable') {
    cli.talk('What can be read of it counts: codes that it knows to be used stay used.')
    cli.talk('Of the rest nobody can tell what was used since.')
  } else {
    cli.talk('There is nothing to compare with: nobody can tell what was used since.')
  }
  cli.talk('The authpriv log says who got in by a recovery code: grep method=recovery')
}

/** What `--json` prints: public, fields are added and never renamed. */
function toView(
  { backup, present }: OpenBackup,
  findings: readonly RestoreFinding[],
  kept: string | undefined,
) {
  return {
    accounts: backup.people,
    audit_rows: backup.audit.rows,
    key_id: backup.keyId,
    key_ids: backup.keyIds,
    kept: kept ?? null,
    compared: present.kind === 'ours' || present.kind === 'readable',
    present: present.kind,
    flaws: 'flaws' in present ? present.flaws : [],
    findings: findings.map((finding) => {
      const { detail, command } = wordFinding(finding)
      return { kind: finding.kind, user: finding.user, detail, command: command ?? null }
    }),
  }
}
