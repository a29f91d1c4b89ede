import { plural } from '../../base/text.ts'
import { activeOverride } from '../../domain/override.ts'
import { listNames } from '../name-list.ts'
import { createAccountCheck, namesOf } from './account-check.ts'

/** People who were invited, and have not enrolled in time. */
export const expiredInvitationCheck = createAccountCheck(
  'invitations',
  ({ account, devices }, { now }) =>
    account.override?.kind === 'invited' &&
    activeOverride(account.override, now) === undefined &&
    devices.every(({ confirmedAt }) => confirmedAt === undefined),
  (expired) => ({
    severity: 'warning',
    what: `${plural(expired.length, 'invitation')} past the date, nobody enrolled: ${listNames(namesOf(expired))}`,
    why: 'these people cannot log in any more',
    fix: 'otpgate invite USER --for 7d, or: otpgate enroll USER',
  }),
)
