import { chmodSync, rmSync } from 'node:fs'
import type { Otpgate } from './otpgate-host.ts'
import type { ThrowawayHost } from './throwaway-host.ts'

export type Fault = 'missing' | 'not executable' | 'killed'
export const FAULTS: readonly Fault[] = ['missing', 'not executable', 'killed']

/** A program in the verifier's place that can be broken and mended while a service names it. */
export interface SwitchedProgram {
  readonly path: string
  mend(): void
  breakBy(fault: Fault): void
}

/** A file of this name, in working order to begin with. */
export function addSwitchedProgram(
  host: ThrowawayHost,
  otpgate: Otpgate,
  name: string,
): SwitchedProgram {
  const relay = `#!/bin/sh\nexec ${otpgate.verifier[0]} "$@"\n`
  const path = host.writeProgram(name, relay)
  return {
    path,
    mend() {
      host.writeProgram(name, relay)
      chmodSync(path, 0o755)
    },
    breakBy(fault) {
      if (fault === 'missing') rmSync(path)
      if (fault === 'not executable') chmodSync(path, 0o644)
      if (fault === 'killed') host.writeProgram(name, '#!/bin/sh\nkill -KILL $$\n')
    },
  }
}
