import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { type BuildOptions, buildSync } from 'esbuild'
import { type ImageProgram, sealImage } from './src/host/image.ts'

// build-image PROGRAM. dist/PROGRAM.image is main.ts with all it imports, and the code that V8 makes of it;
// dist/PROGRAM.cjs is start.ts, which runs it. Has to run on the Node that the program will run on: another
// one has no use for the code.

const PROGRAMS: Readonly<Record<string, { folder: string; warmUp: WarmUp }>> = {
  'otpgate-verify': { folder: 'src/pam', warmUp: compileAll },
  otpgate: { folder: 'src/cli', warmUp: askForVersion },
}

/** Has V8 compile what the program mostly needs; the script keeps that for its code cache. */
type WarmUp = (text: string) => Promise<Script>

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

const [name = ''] = process.argv.slice(2)
const program = PROGRAMS[name]
if (program === undefined) throw new Error(`build-image.ts ${Object.keys(PROGRAMS).join(' | ')}`)
const { folder, warmUp } = program
mkdirSync('dist', { recursive: true })
const source = `(function (require, __dirname) {${bundle(`${folder}/main.ts`)}\n})`
const codeCache = (await warmUp(source)).createCachedData()
replace(`dist/${name}.image`, sealImage({ source, codeCache }))
replace(`dist/${name}.cjs`, bundle(`${folder}/start.ts`))

function bundle(entry: string): string {
  const { outputFiles, warnings } = buildSync({ ...OPTIONS, entryPoints: [entry], write: false })
  const [file] = outputFiles
  if (file === undefined || warnings.length > 0)
    throw new Error(`esbuild is not content with ${entry}`)
  return file.text
}

/**
 * Every function, not only those that run at once. V8 compares its flags with those of the login:
 * they have to be the usual ones again before the code is taken out.
 */
async function compileAll(text: string): Promise<Script> {
  setFlagsFromString('--no-lazy')
  const script = new Script(text)
  setFlagsFromString('--lazy')
  return script
}

/**
 * What `otpgate --version` runs, which is what every command runs before its own: all that the command
 * line is made of takes longer to read than to compile what one command needs of it.
 */
async function askForVersion(text: string): Promise<Script> {
  const mask = process.umask()
  process.argv = [process.execPath, 'otpgate', '--version']
  // What runs often is compiled once more beside it: how far that has come would be in the image as well.
  setFlagsFromString('--no-sparkplug')
  const script = new Script(text)
  const run: ImageProgram = script.runInThisContext()
  run(createRequire(import.meta.url), import.meta.dirname)
  await new Promise((resolve) => process.once('beforeExit', resolve))
  setFlagsFromString('--sparkplug')
  process.umask(mask)
  return script
}

/** A full disk leaves the old file whole. */
function replace(path: string, content: Buffer | string): void {
  writeFileSync(`${path}.new`, content)
  renameSync(`${path}.new`, path)
}
