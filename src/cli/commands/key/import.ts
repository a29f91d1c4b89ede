import { resolve } from 'node:path'
import { Command } from 'commander'
import { adminEvent } from '../../../app/admin-act.ts'
import { AppError } from '../../../base/errors.ts'
import { toPrintable } from '../../../base/text.ts'
import { NOBODY } from '../../../domain/name.ts'
import { assertNewFile } from '../../../host/write-file.ts'
import { loadConfig } from '../../../wire.ts'
import {
  assertNeeded,
  findMissingKeys,
  joinPaperKey,
  PAPER_LINES,
  parsePaperLine,
  writeImportedKey,
} from '../../../wire-paper.ts'
import { type Cli, type CommonOptions, withSession } from '../../context.ts'
import { ADMIN_TIME_LIMIT, asAdmin } from '../../open-session.ts'
import { reasonOption } from '../../reason-option.ts'
import { printJson, reportError } from '../../report.ts'

const LABELS = ['key', ...Array.from({ length: PAPER_LINES }, (_, index) => String(index + 1))]
const KEY_ID = /^[0-9a-f]{8}$/

interface ImportOptions extends CommonOptions {
  readonly out?: string
  readonly reason?: string
}

/** `otpgate key import` */
export function keyImportCommand(cli: Cli): Command {
  return new Command('import')
    .description(
      'type in a key from paper, where the key file is lost; reads it from stdin as well',
    )
    .option('--out <file>', 'into this new file, 0400, whatever the database needs')
    .addOption(reasonOption())
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ImportOptions>()
      if (options.out !== undefined) await importElsewhere(cli, resolve(options.out), options)
      else await importKey(cli, options)
    })
}

async function importElsewhere(cli: Cli, out: string, options: ImportOptions): Promise<void> {
  asAdmin(() => assertNewFile(out))
  const { id, key } = await readPaper(cli)
  asAdmin(() => writeImportedKey(out, key))
  report(cli, options, id, out)
}

/** Whether it fits is asked first of all: nobody types a key for nothing. */
async function importKey(cli: Cli, options: ImportOptions): Promise<void> {
  const config = asAdmin(() => loadConfig(options.config))
  const { keyFile } = config.store
  const needed = asAdmin(() => findMissingKeys(config, ADMIN_TIME_LIMIT))
  const { id, key } = await readPaper(cli)
  assertNeeded(id, needed)
  asAdmin(() => writeImportedKey(keyFile, key))
  const reason = options.reason === undefined ? id : `${id}: ${options.reason}`
  const actor = { actor: cli.actor(), reason }
  await withSession(cli, options, ({ ports }) =>
    ports.store.transact(NOBODY, (_, now) => ({
      changes: [adminEvent(actor, 'key-import', now)],
      result: undefined,
    })),
  )
  report(cli, options, id, keyFile)
}

function report(cli: Cli, { json }: CommonOptions, id: string, file: string): void {
  if (json) printJson(cli, { key_id: id, file })
  else cli.talk(`the key ${id} is in ${toPrintable(file)}`)
}

interface TypedKey {
  readonly id: string
  readonly key: Buffer
}

async function readPaper(cli: Cli): Promise<TypedKey> {
  const id = await askLine(cli, 'key', parseId)
  const parts: Buffer[] = []
  for (let number = 1; number <= PAPER_LINES; number++) {
    parts.push(await askLine(cli, String(number), (text) => parsePaperLine(text, number)))
  }
  const key = joinPaperKey(parts, id)
  for (const part of parts) part.fill(0)
  return { id, key }
}

/** A person is asked for the same line until it is right; a file has one chance. */
async function askLine<T>(cli: Cli, label: string, parse: (text: string) => T): Promise<T> {
  for (;;) {
    const text = await readLine(cli, label)
    try {
      return parse(text)
    } catch (error) {
      if (!cli.prompter.isInteractive || !(error instanceof AppError)) throw error
      reportError(cli, error)
    }
  }
}

/** Shown as it is typed, to be compared. From a file, what is around the key on the paper is passed over. */
async function readLine({ prompter }: Cli, label: string): Promise<string> {
  for (;;) {
    const line = await prompter.readLine(`${label}: `)
    if (line === undefined) {
      const what = label === 'key' ? 'the line "key" is missing' : `line ${label} is missing`
      throw new AppError('ERR_SECRET_INVALID', what, {
        hint: 'five lines make a key, each behind its name: key, 1, 2, 3 and 4',
      })
    }
    const [first = '', ...rest] = line.trim().split(/[\s:]+/)
    if (first.toLowerCase() === label) return rest.join(' ')
    if (prompter.isInteractive && line.trim() !== '') return line
    if (LABELS.includes(first)) {
      const what = `line ${first} stands where line ${label} belongs`
      throw new AppError('ERR_SECRET_INVALID', what, { hint: 'nothing was written' })
    }
  }
}

function parseId(text: string): string {
  const id = text.trim().toLowerCase()
  if (KEY_ID.test(id)) return id
  throw new AppError('ERR_SECRET_INVALID', 'the line "key" has not eight digits from 0 to f', {
    hint: 'they stand above line 1',
  })
}
