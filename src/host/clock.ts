import type { Now } from '../app/ports.ts'
import { toUnixSeconds } from '../base/time.ts'

/** The wall clock of the host, in whole seconds. The only place that reads it. */
export const now: Now = () => toUnixSeconds(Math.floor(Date.now() / 1000))
