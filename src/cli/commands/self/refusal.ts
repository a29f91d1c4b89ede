import type { SelfRefusal } from '../../../domain/self-service.ts'
import { OwnError } from './own-error.ts'

const ASK = 'ask your administrator'

/** Why a person may not do it, and who can help. */
export function refusal(reason: SelfRefusal): OwnError {
  switch (reason) {
    case 'enrolled':
      return new OwnError('ERR_ACCOUNT_EXISTS', 'you are enrolled already', {
        hint: 'for a further device: sudo otpgate self device add',
      })
    case 'not-invited':
      return new OwnError('ERR_NOT_PERMITTED', 'enrolling yourself takes an invitation', {
        hint: `${ASK} for one`,
      })
    case 'not-enrolled':
      return new OwnError('ERR_REFUSED', 'you have no device yet', {
        hint: 'enroll with: sudo otpgate self enroll',
      })
    case 'must-enroll':
      return new OwnError('ERR_NOT_PERMITTED', 'your second factor was reset', {
        hint: `${ASK} for an invitation`,
      })
    case 'suspended':
      return new OwnError('ERR_NOT_PERMITTED', 'your access here is suspended', { hint: ASK })
    case 'uid-changed':
      return new OwnError('ERR_NOT_PERMITTED', 'your account here has changed', { hint: ASK })
  }
}
