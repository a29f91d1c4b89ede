import { Command } from 'commander'
import { checkSecrets } from '../../../app/check-secrets.ts'
import type { Register, Vault } from '../../../app/ports.ts'
import { resealSecrets } from '../../../app/reseal-secrets.ts'
import { AppError } from '../../../base/errors.ts'
import { plural, toPrintable } from '../../../base/text.ts'
import { isThere } from '../../../host/path.ts'
import { loadConfig } from '../../../wire.ts'
import { type KeyChange, openKeyChange } from '../../../wire-rotate.ts'
import { type Cli, type CommonOptions, withSession } from '../../context.ts'
import { ADMIN_TIME_LIMIT, asAdmin } from '../../open-session.ts'
import { pauseForWriters } from '../../pause.ts'
import { reasonOption } from '../../reason-option.ts'
import { printJson } from '../../report.ts'
import { type SocketOptions, socketOption } from '../../socket-option.ts'
import { askToGoOn } from '../../targets.ts'

interface RotateOptions extends CommonOptions, SocketOptions {
  readonly reason?: string
  readonly dropOld?: true
  readonly yes?: true
}

/** What `--json` prints: public, fields are added and never renamed. */
interface RotateView {
  readonly key_id: string
  readonly old_key_id: string
  readonly file: string
  readonly old_file: string | null
  /** Sealed anew by this run. */
  readonly secrets: number
  readonly resumed: boolean
  /** A daemon still has the old key. */
  readonly restart_daemon: boolean
}

/** `otpgate key rotate` */
export function keyRotateCommand(cli: Cli): Command {
  return new Command('rotate')
    .description('seal all with a new key; logins go on, and a run that was cut off is finished')
    .option('--drop-old', 'do not keep the old key; backups made before need it')
    .addOption(socketOption())
    .addOption(reasonOption())
    .option('-y, --yes', 'do not ask')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<RotateOptions>()
      const config = asAdmin(() => loadConfig(options.config))
      // First of all, so that a wrong key is told in the words of every other command.
      await withSession(cli, options, ({ ports }) => assertAllOpen(ports.register, ports.vault))
      const change = asAdmin(() => openKeyChange(config, ADMIN_TIME_LIMIT))
      try {
        report(cli, options, await rotate(cli, change, options, config.store.keyFile))
      } finally {
        change.close()
      }
    })
}

async function rotate(
  cli: Cli,
  change: KeyChange,
  options: RotateOptions,
  file: string,
): Promise<RotateView> {
  const { from, wasBegun } = change
  const keepsOld = options.dropOld === undefined
  if (wasBegun) cli.talk('a change of the master key was begun before, and is finished now')
  else await askToGoOn(cli, describeDeed(from, keepsOld), options.yes)
  const actor = { actor: cli.actor(), reason: options.reason }
  const to = change.begin(actor)
  const secrets = await reseal(cli, options)
  const next = change.openNext()
  await withSession(cli, options, ({ ports }) => assertAllOpen(ports.register, next))
  change.end(actor)
  const oldFile = change.install({ keepsOld })
  return {
    ...{ key_id: to, old_key_id: from, file, old_file: oldFile ?? null },
    ...{ secrets, resumed: wasBegun, restart_daemon: isThere(options.socket) },
  }
}

function describeDeed(from: string, keepsOld: boolean): string {
  const what = `Seal every secret with a new master key in the place of ${from}?`
  return keepsOld ? what : `${what} No backup made so far can be restored without the old one.`
}

/** With the session opened after the beginning, which seals by the new key. */
async function reseal(cli: Cli, options: RotateOptions): Promise<number> {
  const showsProgress = cli.terminal.isTerminal && !options.json
  const onProgress = (done: number) => {
    if (showsProgress) cli.print(`\r${plural(done, 'secret')} sealed anew`)
  }
  return await withSession(cli, options, async ({ ports }) => {
    const done = await resealSecrets({ ...ports, pause: pauseForWriters }, onProgress)
    if (showsProgress && done > 0) cli.print('\n')
    return done
  })
}

/** Throws ERR_SEALED_INVALID: what opens with no key must not be the reason to let go of one. */
async function assertAllOpen(register: Register, vault: Vault): Promise<void> {
  const [lost] = (await checkSecrets(register, vault)).unopened
  if (lost === undefined) return
  const whose = `the secret of "${toPrintable(lost.device)}" of ${toPrintable(lost.user)} does not open`
  throw new AppError('ERR_SEALED_INVALID', whose, {
    hint: 'remove that device first, or restore a backup; see: otpgate key check',
  })
}

function report(cli: Cli, { json, socket }: RotateOptions, view: RotateView): void {
  if (json) {
    printJson(cli, view)
    return
  }
  const { key_id: id, old_key_id: oldId, file, old_file: oldFile } = view
  cli.print(`key      ${id}, ${toPrintable(file)}\n`)
  cli.print(`old key  ${oldId}, ${oldFile === null ? 'dropped' : toPrintable(oldFile)}\n`)
  cli.talk('Copy the new key to where you keep the old one, and make a new backup.')
  if (oldFile !== null) {
    cli.talk('Backups made so far open with the old key alone. Move it to where the copy of')
    cli.talk('the key is: it must not stay on this host.')
  }
  if (!view.restart_daemon) return
  cli.talk(`A daemon listens on ${toPrintable(socket)} and has the old key: until it is`)
  cli.talk('restarted, each code takes the slower way. Type: systemctl restart otpgated')
}
