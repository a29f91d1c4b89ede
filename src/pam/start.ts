import { join } from 'node:path'
import { readImage } from '../host/image.ts'

// What Node is started with: it runs main.ts out of an image with V8's code cache, because to compile
// that text at every login would take a fifth of the time.

/** EX_DATAERR of sysexits.h. The launcher takes any status but 42 for a no, and logs this one. */
const DAMAGED_STATUS = 65

const run = readImage(join(import.meta.dirname, 'otpgate-verify.image'))
if (run === undefined) process.exitCode = DAMAGED_STATUS
else run(require, import.meta.dirname)
