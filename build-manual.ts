import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listCompletions } from './src/manual/completion/list.ts'
import { listPages, type ManualFile } from './src/manual/page-list.ts'

// npm run build:manual. dist/man and dist/completion, from what the programs themselves are defined
// by. The same sources make the same bytes: there is no date in them.

const PACKAGE: { readonly version: string } = JSON.parse(readFileSync('package.json', 'utf8'))

replace('dist/man', listPages(PACKAGE.version))
replace('dist/completion', listCompletions())

/** A full disk leaves the old files whole; those that are no longer made go. */
function replace(directory: string, files: readonly ManualFile[]): void {
  const made = `${directory}.new`
  rmSync(made, { recursive: true, force: true })
  mkdirSync(made, { recursive: true })
  for (const { name, text } of files) writeFileSync(join(made, name), text)
  rmSync(directory, { recursive: true, force: true })
  renameSync(made, directory)
}
