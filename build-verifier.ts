import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { type BuildOptions, buildSync } from 'esbuild'
import { sealImage } from './src/pam/image.ts'

// npm run build:verify. dist/otpgate-verify.image is main.ts with all it imports, and the code that V8
// makes of it; dist/otpgate-verify.cjs is start.ts, which runs it. Has to run on the Node that logins
// will run on: another one has no use for the code. With --random-seed, which V8 leaves out when it
// compares flags, the same sources make the same bytes: else the code holds hashes of a random seed.

const OPTIONS = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22.14',
  define: { 'import.meta.dirname': '__dirname' },
  external: ['argon2'],
  // A script outside Node's module loader can require, not import.
  supported: { 'dynamic-import': false },
  minifySyntax: true,
  logLevel: 'warning',
} as const satisfies BuildOptions

mkdirSync('dist', { recursive: true })
const source = `(function (require, __dirname) {${bundle('src/pam/main.ts')}\n})`
replace('dist/otpgate-verify.image', sealImage({ source, codeCache: compile(source) }))
replace('dist/otpgate-verify.cjs', bundle('src/pam/start.ts'))

function bundle(entry: string): string {
  const [file] = buildSync({ ...OPTIONS, entryPoints: [entry], write: false }).outputFiles
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}`)
  return file.text
}

/**
 * Every function, not only those that run at once. V8 compares its flags with those of the login:
 * they have to be the usual ones again before the code is taken out.
 */
function compile(text: string): Buffer {
  setFlagsFromString('--no-lazy')
  const script = new Script(text)
  setFlagsFromString('--lazy')
  return script.createCachedData()
}

/** A full disk leaves the old file whole. */
function replace(path: string, content: Buffer | string): void {
  writeFileSync(`${path}.new`, content)
  renameSync(`${path}.new`, path)
}
