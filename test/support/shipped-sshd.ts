import type { Otpgate } from './otpgate-host.ts'
import type { PrivateSshd } from './private-sshd.ts'
import { fillPamRecipe, readExample } from './shipped-example.ts'
import type { ThrowawayHost } from './throwaway-host.ts'

/** The recipe's lines that run the verifier. */
export type HelperLine = 'excused' | 'code' | 'account'

export interface ShippedOptions {
  /** Programs that stand on a line in the verifier's place; its arguments stay. */
  readonly programs?: Partial<Record<HelperLine, string>>
  /** In place of the shipped sshd_config drop-in. */
  readonly config?: string
}

/** examples/pam.d/otpgate-key-then-code for this otpgate. */
export function fillKeyThenCode(
  otpgate: Otpgate,
  programs: ShippedOptions['programs'] = {},
): string {
  const [launcher] = otpgate.verifier
  const recipe = fillPamRecipe(readExample('pam.d/otpgate-key-then-code'), otpgate.verifier)
  return recipe
    .split('\n')
    .map((line) => {
      const program = line.includes(launcher) ? programs[helperOf(line)] : undefined
      return program === undefined ? line : line.replace(launcher, program)
    })
    .join('\n')
}

/** An sshd with what we ship: the recipe as its PAM service, and the drop-in. */
export function startShippedSshd(
  host: ThrowawayHost,
  otpgate: Otpgate,
  { programs, config = readExample('sshd_config.d/00-otpgate.conf') }: ShippedOptions = {},
): Promise<PrivateSshd> {
  const service = host.addPamService(fillKeyThenCode(otpgate, programs))
  return host.startSshd({ service, config })
}

function helperOf(line: string): HelperLine {
  if (line.includes(' --excused')) return 'excused'
  return line.includes(' --account') ? 'account' : 'code'
}
