import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const REPOSITORY = join(import.meta.dirname, '../..')
const PARTS = ['bin', 'dist', 'examples', 'src', 'test/support', 'package.json']

/**
 * Copies what runs of this checkout, with the packages it needs at run time, into `directory`:
 * other users may have no way into the checkout itself, as where it lies in root's home.
 */
export function copyCheckout(directory: string): void {
  for (const part of [...PARTS, ...runtimePackages()]) {
    cpSync(join(REPOSITORY, part), join(directory, part), { recursive: true })
  }
}

/** Paths such as `node_modules/otpauth`, from the lockfile; of those for one processor, ours. */
function runtimePackages(): string[] {
  const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8'))
  const packages: Readonly<Record<string, { dev?: boolean; cpu?: readonly string[] }>> =
    lock.packages
  return Object.entries(packages)
    .filter(([path, { dev, cpu }]) => path !== '' && !dev && (cpu?.includes(process.arch) ?? true))
    .map(([path]) => path)
}
