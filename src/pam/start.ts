import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { openImage, type VerifierImage } from './image.ts'

// What Node is started with: it runs main.ts out of an image with V8's code cache, because to compile
// that text at every login would take a fifth of the time.

/** EX_DATAERR of sysexits.h. The launcher takes any status but 42 for a no, and logs this one. */
const DAMAGED_STATUS = 65

type Verifier = (require: NodeJS.Require, directory: string) => void

const IMAGE_PATH = join(import.meta.dirname, 'otpgate-verify.image')

const image = readImage()
if (image === undefined) process.exitCode = DAMAGED_STATUS
else compile(image)(require, import.meta.dirname)

function readImage(): VerifierImage | undefined {
  try {
    return openImage(readFileSync(IMAGE_PATH))
  } catch {
    return undefined
  }
}

/** Where V8 does not take the cache, as with another Node than at the build, this is only slower. */
function compile({ source, codeCache }: VerifierImage): Verifier {
  return new Script(source, { filename: IMAGE_PATH, cachedData: codeCache }).runInThisContext()
}
