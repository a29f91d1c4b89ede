import { join } from 'node:path'
import { readImage } from '../host/image.ts'
import { EXIT } from './exit-codes.ts'

// What Node is started with: it runs main.ts out of an image with V8's code cache, because to compile
// that text at every command, and at every TAB of a shell, would take a third of the time.

const run = readImage(join(import.meta.dirname, 'otpgate.image'))
if (run === undefined) {
  process.exitCode = EXIT.refused
  process.stderr.write(
    `otpgate: the installation in ${import.meta.dirname} is damaged: otpgate.image\n` +
      'hint: install it again; people, key and configuration are not in there\n',
  )
} else {
  run(require, import.meta.dirname)
}
