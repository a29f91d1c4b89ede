import { fileURLToPath } from 'node:url'

/** The admin's command line of this checkout. */
export const OTPGATE = fileURLToPath(new URL('../../bin/otpgate', import.meta.url))

/** The verifier of this checkout, as pam_exec would start it. */
export const VERIFIER = fileURLToPath(new URL('../../bin/otpgate-verify', import.meta.url))
