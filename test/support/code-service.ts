import { getPriority, setPriority } from 'node:os'
import type { Otpgate } from './otpgate-host.ts'
import { type PamResult, runPamTester } from './pam-tester.ts'
import type { ThrowawayHost } from './throwaway-host.ts'

/** What sshd tells PAM about a login behind a key; addresses of RFC 5737. */
export const BEHIND_A_KEY = {
  SSH_CONNECTION: '192.0.2.7 50000 192.0.2.1 22',
  SSH_AUTH_INFO_0: 'publickey ssh-ed25519 AAAA',
} as const

/** A PAM service that asks for the code alone, without what comes before it in the recipe. */
export function addCodeService(
  host: ThrowawayHost,
  otpgate: Otpgate,
  before: readonly string[] = [],
): string {
  const verifier = [...before, ...otpgate.verifier].join(' ')
  return host.addPamService(`
auth requisite pam_exec.so quiet stdout expose_authtok ${verifier}
auth required pam_permit.so
account requisite pam_exec.so quiet stdout ${verifier} --account
`)
}

/** For what runs in masses: the logins of other test files must not wait behind it. */
const LOW_PRIORITY = 10

/** As many logins of one person as there are answers, all at the same time, each its connection. */
export function authenticateAtOnce(
  service: string,
  user: string,
  answers: readonly string[],
): Promise<readonly PamResult[]> {
  const priority = getPriority()
  setPriority(LOW_PRIORITY)
  const runs = answers.map((answer, index) => {
    const SSH_CONNECTION = `192.0.2.7 ${50_000 + index} 192.0.2.1 22`
    const env = { ...BEHIND_A_KEY, SSH_CONNECTION }
    return runPamTester({ service, user, answers: [answer], env, timeoutMs: 60_000 })
  })
  setPriority(priority)
  return Promise.all(runs)
}
