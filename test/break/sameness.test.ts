import { beforeAll, expect, test } from 'vitest'
import { describeOnHost } from '../support/describe-on-host.ts'
import { createLookalikes, LOOKALIKE_TOML, type Lookalikes, tryUnproven } from './lookalike.ts'

// The times are measured by test/bench/sameness.ts, which wants a machine to itself.
describeOnHost(
  'before a first factor is proven',
  (onHost) => {
    let people: Lookalikes

    beforeAll(async () => {
      people = await createLookalikes(onHost().host, onHost().otpgate)
    })

    test.each([
      { service: 'sshd', what: 'the code is not looked at' },
      { service: 'code-alone', what: 'a code may be all there is' },
    ])('everybody is refused with the same bytes where $what', async ({ service }) => {
      const seen = people.all.map((person) => tryUnproven(onHost().otpgate, service, person).seen)
      expect(seen).toEqual(people.all.map(() => '1  '))
    })
  },
  { toml: LOOKALIKE_TOML },
)
