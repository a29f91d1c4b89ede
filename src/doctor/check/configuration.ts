import { AppError } from '../../base/errors.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined } from '../finding.ts'

/** Whether otpgate.toml can be read. What is odd in a good one, `config check` says. */
export const configurationCheck: Check = { name: 'configuration', judge }

function judge({ config }: DoctorFacts): Diagnosis {
  if (!(config instanceof AppError)) return examined()
  return examined({
    severity: 'problem',
    what: config.message,
    why: 'with a configuration that cannot be read, every login is denied',
    fix: 'otpgate config check',
  })
}
