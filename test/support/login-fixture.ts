import type { LoginRequest } from '../../src/app/gather-facts.ts'
import { parseIpAddress } from '../../src/base/ip-network.ts'
import { parseFirstFactor } from '../../src/domain/first-factor.ts'
import type { LoginFacts, LoginPolicy } from '../../src/domain/login.ts'
import type { VerifyPolicy } from '../../src/domain/standing.ts'
import type { ThrottlePolicy } from '../../src/domain/throttle.ts'
import { hashConnection } from '../../src/domain/ticket.ts'
import { ALICE, ALICE_UID } from './account-fixture.ts'

/** Addresses of RFC 5737. */
export const SSH_CONNECTION = '192.0.2.7 50000 192.0.2.1 22'

/** The standard numbers of `[throttle]`. */
export const THROTTLE: ThrottlePolicy = {
  freeFailures: 5,
  firstWaitSeconds: 30,
  longestWaitSeconds: 3600,
  failuresPerDay: 20,
  lockAfter: 100,
}

export function buildPolicy(
  login: Partial<LoginPolicy> = {},
  rest: { readonly throttle?: ThrottlePolicy; readonly window?: number } = {},
): VerifyPolicy {
  return {
    login: { unenrolled: 'deny', codeAlone: [], exemptions: [], rememberSeconds: 0, ...login },
    throttle: THROTTLE,
    window: 1,
    ...rest,
  }
}

/** An SSH login of alice whose key sshd has accepted. */
export function buildFacts(fields: Partial<LoginFacts> = {}): LoginFacts {
  return {
    name: ALICE,
    uid: ALICE_UID,
    service: 'sshd',
    groups: [],
    missingGroups: [],
    isSsh: true,
    address: parseIpAddress('192.0.2.7'),
    connection: hashConnection(SSH_CONNECTION),
    firstFactor: { method: 'publickey', fingerprint: 'SHA256:key', keyType: 'ssh-ed25519' },
    provesFirstFactor: false,
    attempt: undefined,
    ...fields,
  }
}

/** `authInfo`: SSH_AUTH_INFO_0. */
type RequestFields = Partial<LoginRequest> & { readonly authInfo?: string | undefined }

/** The same login as PAM and sshd describe it. */
export function buildRequest(fields: RequestFields = {}): LoginRequest {
  const { authInfo, ...rest } = { authInfo: 'publickey ssh-ed25519 AAAA\n', ...fields }
  return {
    user: 'alice',
    service: 'sshd',
    tty: 'ssh',
    remoteHost: '192.0.2.7',
    sshConnection: SSH_CONNECTION,
    firstFactor: parseFirstFactor(authInfo),
    ...rest,
  }
}
