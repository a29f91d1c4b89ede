import type { AccountState } from '../../../domain/account.ts'
import { deviceView } from '../../account-view.ts'
import type { Cli } from '../../context.ts'
import { printTable } from '../../print-table.ts'

/** A person's devices as a table, or that there are none. */
export function printOwnDevices(cli: Cli, state: AccountState): void {
  const devices = state.kind === 'known' ? state.devices.map(deviceView) : []
  if (devices.length === 0) {
    cli.print('No devices.\n')
    return
  }
  const rows = devices.map(({ label, kind, digits, confirmed, counts, last_used_at }) => [
    label,
    `${kind === 'totp' ? 'by the clock' : 'by presses'}, ${digits} digits`,
    confirmed ? 'yes' : counts ? 'from its first code on' : 'no: not confirmed',
    last_used_at ?? 'never',
  ])
  printTable(cli, ['device', 'codes', 'counts', 'last used'], rows)
}
