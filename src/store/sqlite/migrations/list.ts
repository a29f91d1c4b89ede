import { INITIAL_SCHEMA } from './0001-initial.ts'
import { LOGIN_POLICY_SCHEMA } from './0002-login-policy.ts'
import { ATTEMPT_SCHEMA } from './0003-attempt.ts'

/**
 * Migration N (counting from 1) leads from `user_version` N-1 to N. Never edited once released:
 * a change of the schema is one more file and one more line here.
 */
export const MIGRATIONS: readonly string[] = [INITIAL_SCHEMA, LOGIN_POLICY_SCHEMA, ATTEMPT_SCHEMA]
