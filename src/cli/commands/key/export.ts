import { resolve } from 'node:path'
import { Command } from 'commander'
import { adminEvent } from '../../../app/admin-act.ts'
import { AppError } from '../../../base/errors.ts'
import { toPrintable } from '../../../base/text.ts'
import { formatTime } from '../../../base/time.ts'
import { NOBODY } from '../../../domain/name.ts'
import { assertNewFile, writeNewFile } from '../../../host/write-file.ts'
import { type PaperKey, readPaperKey } from '../../../wire-paper.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../../context.ts'
import { reasonOption } from '../../reason-option.ts'
import { printJson } from '../../report.ts'

const PRIVATE_MODE = 0o600

interface ExportOptions extends CommonOptions {
  readonly out?: string
  readonly reason?: string
}

/** `otpgate key export --paper` */
export function keyExportCommand(cli: Cli): Command {
  return new Command('export')
    .description('the key as lines to print and to put into a safe; the way back is: key import')
    .requiredOption('--paper', 'as text that can be typed in again')
    .option('--out <file>', 'into a new file, 0600, in the place of the screen')
    .addOption(reasonOption())
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ExportOptions>()
      const out = options.out === undefined ? undefined : resolve(options.out)
      assertPlace(cli, out, options)
      await withSession(cli, options, (session) => exportKey(cli, session, out, options))
    })
}

/** A pipe ends in places that nobody has thought of. */
function assertPlace(cli: Cli, out: string | undefined, { json }: CommonOptions): void {
  if (out !== undefined) {
    assertNewFile(out)
    return
  }
  if (cli.terminal.isTerminal && !json) return
  throw new AppError('ERR_REFUSED', 'the key is shown on a terminal only', {
    hint: 'or into a file: --out FILE',
  })
}

async function exportKey(
  cli: Cli,
  { config, ports }: Session,
  out: string | undefined,
  { json, reason }: ExportOptions,
): Promise<void> {
  const paper = readPaperKey(config)
  const where = out === undefined ? 'on a terminal' : 'into a file'
  const why = reason === undefined ? where : `${where}: ${reason}`
  const actor = { actor: cli.actor(), reason: `${paper.id}, ${why}` }
  // Before anybody sees it: a key that is out is on record.
  await ports.store.transact(NOBODY, (_, now) => ({
    changes: [adminEvent(actor, 'key-export', now)],
    result: undefined,
  }))
  const text = renderPaper(paper, cli.hostName(), formatTime(ports.now()))
  if (out === undefined) {
    cli.print(text)
    return
  }
  writeNewFile(out, text, PRIVATE_MODE)
  if (json) printJson(cli, { key_id: paper.id, file: out })
  else cli.talk(`written to ${toPrintable(out)}: print it, and remove the file`)
}

function renderPaper({ id, lines }: PaperKey, host: string, at: string): string {
  return [
    `otpgate master key of ${toPrintable(host)}, printed ${at}`,
    '',
    `key  ${id}`,
    ...lines.map((line, index) => `${index + 1}    ${line}`),
    '',
    'To type it in again: otpgate key import. Each line ends in a checksum of its own.',
    'Whoever has this and the database, or a backup of it, has every secret.',
    '',
  ].join('\n')
}
