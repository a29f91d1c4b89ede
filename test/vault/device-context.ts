import type { SealContext } from '../../src/app/ports.ts'

type DeviceContext = Extract<SealContext, { kind: 'device-secret' }>

/** Any values, also of a kind that there is not yet. */
type DeviceFields = Partial<
  Record<keyof DeviceContext['device'] | 'periodSeconds', string | number>
>

/** The context of alice's device d1, with the given fields in place of hers. */
export function deviceContext({
  account = 'alice',
  uid = 1000,
  ...fields
}: { account?: string; uid?: number } & DeviceFields = {}): DeviceContext {
  const hers = { id: 'd1', kind: 'totp', algorithm: 'SHA1', digits: 6, periodSeconds: 30 }
  return { kind: 'device-secret', account, uid, device: { ...hers, ...fields } } as DeviceContext
}
