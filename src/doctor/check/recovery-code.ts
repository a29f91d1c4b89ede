import { FEW_RECOVERY_CODES } from '../../app/survey-accounts.ts'
import { plural } from '../../base/text.ts'
import { accountStatus } from '../../domain/account.ts'
import { listNames } from '../name-list.ts'
import { createAccountCheck, namesOf } from './account-check.ts'

/** People whom a lost phone will keep out. */
export const recoveryCodeCheck = createAccountCheck(
  'recovery codes',
  ({ account, devices, recoveryCodesLeft }, { now }) =>
    recoveryCodesLeft < FEW_RECOVERY_CODES &&
    accountStatus(account.override, devices, now) === 'enrolled',
  (few) => ({
    severity: 'warning',
    what: `${plural(few.length, 'account')} with fewer than ${FEW_RECOVERY_CODES} recovery codes: ${listNames(namesOf(few))}`,
    why: 'whoever loses the phone then has no way in but an admin',
    fix: 'otpgate recovery new USER',
  }),
)
