import { type EnrolledPerson, enrollPerson } from './enrolled-person.ts'
import type { Otpgate } from './otpgate-host.ts'
import type { PrivateSshd } from './private-sshd.ts'
import type { RecipeName } from './recipe.ts'
import { type ClientResult, type LoginRequest, loginWithSsh } from './ssh-client.ts'
import type { HostUser, ThrowawayHost } from './throwaway-host.ts'

/** Password and wrong password of everybody here: both end in digits, as a code does. */
export const PASSWORD = 'correct horse 1'
export const WRONG_PASSWORD = 'correct horse 2'

/** Somebody with a key, a password and a device. */
export type RecipePerson = EnrolledPerson &
  Pick<HostUser, 'key'> & { readonly stranger: HostUser['key'] }

/** One way that people log in by a recipe, with a first factor that is right or not, and a code. */
export interface Way {
  readonly recipe: RecipeName
  readonly by: string
  readonly request: (
    person: Pick<RecipePerson, 'key' | 'stranger'>,
    factor: 'right' | 'wrong',
    code: string,
  ) => Omit<LoginRequest, 'user'>
}

const passwordOf = (factor: 'right' | 'wrong') => (factor === 'right' ? PASSWORD : WRONG_PASSWORD)

const byKey = { by: 'key, then code' } as const
const withKey: Way['request'] = ({ key, stranger }, factor, code) => ({
  key: factor === 'right' ? key : stranger,
  answers: [code],
})

/** Every recipe for sshd, and every way into it. */
export const WAYS: readonly Way[] = [
  { ...byKey, recipe: 'key-then-code', request: withKey },
  { ...byKey, recipe: 'lean', request: withKey },
  { ...byKey, recipe: 'password-then-code', request: withKey },
  {
    recipe: 'password-then-code',
    by: 'password, then code',
    request: (_, factor, code) => ({ password: passwordOf(factor), answers: [code] }),
  },
  {
    recipe: 'password-and-code',
    by: 'both in one answer',
    request: (_, factor, code) => ({ answers: [passwordOf(factor) + code] }),
  },
  {
    recipe: 'password-and-code',
    by: 'both in one answer to the password method',
    request: (_, factor, code) => ({ password: passwordOf(factor) + code }),
  },
  { ...byKey, recipe: 'group-first', request: withKey },
]

/** A new user with a password, enrolled. */
export async function enrollWithPassword(
  host: ThrowawayHost,
  otpgate: Otpgate,
  settings?: Parameters<typeof enrollPerson>[2],
): Promise<RecipePerson> {
  const user = host.addUser({ password: PASSWORD })
  return { ...(await enrollPerson(otpgate, user, settings)), stranger: host.createStrangerKey() }
}

/** Logs in by this way. */
export function loginBy(
  way: Way,
  sshd: PrivateSshd,
  person: RecipePerson,
  factor: 'right' | 'wrong',
  code: string,
): Promise<ClientResult> {
  const request = way.request(person, factor, code)
  return loginWithSsh(sshd, { user: person.name, command: 'id -un', ...request })
}
