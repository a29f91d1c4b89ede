import { toPrintable } from '../base/text.ts'
import type { deviceView } from './account-view.ts'

type DeviceView = ReturnType<typeof deviceView>

/** By how much its clock is ahead, such as `+30s`; `undefined` for a device without one. */
export function describeDrift({ drift }: Pick<DeviceView, 'drift'>): string | undefined {
  if (drift === null) return undefined
  return drift > 0 ? `+${drift}s` : `${drift}s`
}

/** Whether the device counts, or what makes it count. */
export function describeConfirmation({
  confirmed,
  counts,
}: Pick<DeviceView, 'confirmed' | 'counts'>): string {
  if (confirmed) return 'yes'
  return counts ? 'by its first code' : 'no: otpgate confirm'
}

/** The command that shows the QR code of a device again; with `label` for somebody with several. */
export function qrCommandLine(user: string, label?: string): string {
  const whose = `otpgate qr ${toPrintable(user)}`
  return label === undefined ? whose : `${whose} --device ${quoteLabel(label)}`
}

/** A label as a shell takes it for one word. */
export function quoteLabel(label: string): string {
  return /^[\w.-]+$/.test(label) ? label : `'${label.replaceAll("'", "'\\''")}'`
}

/** `totp SHA1, 6 digits, 30s`, and what has been learnt of its clock. */
export function describeKind(view: DeviceView): string {
  const { kind, algorithm, digits, period, drift } = view
  return [
    `${kind} ${algorithm}`,
    `${digits} digits`,
    ...(period === null ? [] : [`${period}s`]),
    ...(drift === null || drift === 0 ? [] : [`clock ${describeDrift(view)}`]),
  ].join(', ')
}
