import type { Otpgate } from './otpgate-host.ts'
import { type ProgramResult, runProgram } from './run-program.ts'
import { readExample } from './shipped-example.ts'
import type { HostUser, ThrowawayHost } from './throwaway-host.ts'

const INSTALLED_VERIFIER = '/usr/lib/otpgate/otpgate-verify'
const PAM_FILES = ['sudo', 'sudo-i', 'su', 'su-l'] as const

/** Runs a setuid program as somebody would who has typed this. */
export type RunAs = (
  caller: Pick<HostUser, 'uid' | 'gid'>,
  command: readonly string[],
  typed: string,
) => Promise<ProgramResult>

/**
 * Real sudo and su with the files of examples/pam.d in the place of /etc/pam.d's, and everybody in
 * sudoers: in a mount namespace of each run, so that the machine's own files stay as they are.
 */
export function openOtherPam(host: ThrowawayHost, otpgate: Otpgate): RunAs {
  const places = PAM_FILES.map((name) => ({
    file: host.writeProgram(`pam-${name}`, fill(readExample(`pam.d/${name}`), otpgate)),
    at: `/etc/pam.d/${name}`,
  }))
  const sudoers = host.writeProgram('sudoers', 'ALL ALL=(ALL:ALL) ALL\n')
  const mounts = [...places, { file: sudoers, at: '/etc/sudoers' }].map(
    ({ file, at }) => `chmod 0440 '${file}' && mount --bind '${file}' '${at}' &&`,
  )
  const script = `${mounts.join(' ')} exec setpriv "$@"`
  return ({ uid, gid }, command, typed) => {
    const drop = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
    const inside = ['sh', '-c', script, 'sh', ...drop, '--', ...command]
    return runProgram('unshare', ['--mount', '--propagation', 'private', '--', ...inside], {
      input: `${typed}\n`,
    })
  }
}

function fill(text: string, otpgate: Otpgate): string {
  const [program, ...args] = otpgate.verifier
  const lines = readExample('pam.d/otpgate-code')
  if (!lines.includes(INSTALLED_VERIFIER)) throw new Error('the recipe names no verifier')
  const code = lines.replaceAll(INSTALLED_VERIFIER, [program, ...args].join(' '))
  return text.replace(/^@include otpgate-code$/m, code)
}
