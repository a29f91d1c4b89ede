import type { SealContext } from '../../src/app/ports.ts'

type DeviceContext = Extract<SealContext, { kind: 'device-secret' }>

/** The context of alice's device d1, with the given fields in place of hers. */
export function deviceContext(
  fields: { account?: string; uid?: number; deviceId?: string } = {},
): DeviceContext {
  const hers = { kind: 'device-secret', account: 'alice', uid: 1000, deviceId: 'd1' }
  return { ...hers, ...fields } as DeviceContext
}
