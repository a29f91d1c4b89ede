import { beforeAll, expect, test } from 'vitest'
import { describeOnHost } from '../support/describe-on-host.ts'
import { createLookalikes, LOOKALIKE_TOML, type Lookalikes } from './lookalike.ts'
import { MODES } from './stored-alice.ts'
import { tryUnproven } from './unproven-login.ts'

const SERVICES = [
  { service: 'sshd', what: 'the code is not looked at' },
  { service: 'code-alone', what: 'a code may be all there is' },
] as const

/** What anybody is asked, whoever they may be. */
const PROMPT = 'Enter the 6-digit code from your authenticator app, or a recovery code.\n'

// Their times are a part of npm run bench, which wants a machine to itself.
describeOnHost(
  'before a first factor is proven',
  (onHost) => {
    let people: Lookalikes

    beforeAll(async () => {
      people = await createLookalikes(onHost().host, onHost().otpgate)
    })

    test.each(
      SERVICES.flatMap((about) => MODES.map((mode) => ({ ...about, mode, args: mode.join() }))),
    )('everybody is refused with the same bytes where $what: $args', async ({ service, mode }) => {
      const { otpgate } = onHost()
      const seen = people.all.map((person) => tryUnproven(otpgate, service, person, mode).seen)
      const said = mode[0] === '--excused' ? PROMPT : ''
      expect(seen).toEqual(people.all.map(() => `1 ${Buffer.from(said).toString('hex')} `))
    })
  },
  { toml: LOOKALIKE_TOML },
)
