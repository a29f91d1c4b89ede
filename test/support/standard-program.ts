import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openImage, sealImage } from '../../src/host/image.ts'
import { DEFAULT_CONFIG_PATH } from '../../src/wire.ts'

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * bin/otpgate as it would be on a host of its own: what /etc/otpgate/otpgate.toml is to it, `configFile`
 * is to this copy. For what takes no --config. Returns the program's path; anybody may run it.
 */
export function layStandardProgram(directory: string, configFile: string): string {
  const { source = '' } = openImage(readFileSync(join(CHECKOUT, 'dist/otpgate.image'))) ?? {}
  const moved = source.replaceAll(DEFAULT_CONFIG_PATH, configFile)
  if (moved === source) throw new Error('the image names no configuration: is it built?')
  const root = join(directory, 'standard')
  for (const name of ['', 'bin', 'dist']) {
    mkdirSync(join(root, name))
    chmodSync(join(root, name), 0o755)
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(root, 'node_modules'))
  copyFileSync(join(CHECKOUT, 'dist/otpgate.cjs'), join(root, 'dist/otpgate.cjs'))
  const image = sealImage({ source: moved, codeCache: Buffer.alloc(0) })
  writeFileSync(join(root, 'dist/otpgate.image'), image)
  const program = join(root, 'bin/otpgate')
  copyFileSync(join(CHECKOUT, 'bin/otpgate'), program)
  chmodSync(program, 0o755)
  return program
}
