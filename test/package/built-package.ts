import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DIRECTORY_PREFIX } from '../support/host-scope.ts'
import { runProgram } from '../support/run-program.ts'
import { requireTool } from '../support/run-tool.ts'

const BUILD = join(import.meta.dirname, '../../debian/build')
const TIMEOUT_MS = 240_000
/** Some moment: a copy of the checkout need not have its commits. */
const MOMENT = '1700000000'

/** What one run of debian/build has made, in a directory of its own. */
export interface BuiltPackage {
  readonly deb: string
  readonly tarball: string
  /** What it has said. */
  readonly talk: string
  remove(): void
}

/** Builds the checkout; `umask` is that of whoever builds. Throws with the builder's words. */
export async function buildPackage(umask: string): Promise<BuiltPackage> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-`)))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  const script = 'umask "$0"; exec "$1" --quick --out "$2"'
  const args = ['-c', script, umask, BUILD, directory]
  const env = { SOURCE_DATE_EPOCH: MOMENT }
  const { status, stdout, stderr } = await runProgram('/bin/sh', args, {
    env,
    timeoutMs: TIMEOUT_MS,
  })
  if (status !== 0) {
    remove()
    throw new Error(`debian/build ended with status ${status}: ${stderr}`)
  }
  const [deb = '', tarball = ''] = [...stdout.matchAll(/^made (.+)$/gm)].map(([, path]) => path)
  return { deb, tarball, talk: stdout, remove }
}

/** One entry of an archive. */
export interface ArchiveEntry {
  /** As `ls -l` writes it. */
  readonly mode: string
  readonly owner: string
  readonly time: string
  /** From / on; a directory ends with /. */
  readonly path: string
  /** Where a symlink leads. */
  readonly target: string | undefined
}

/** What a package would lay down. */
export function listDeb(deb: string): readonly ArchiveEntry[] {
  return parseListing(requireTool('dpkg-deb', ['--contents', deb]).stdout)
}

export function listTarball(tarball: string): readonly ArchiveEntry[] {
  return parseListing(requireTool('tar', ['--list', '--verbose', '--file', tarball]).stdout)
}

function parseListing(listing: string): readonly ArchiveEntry[] {
  return listing
    .trim()
    .split('\n')
    .map((line) => {
      const [mode = '', owner = '', , date = '', clock = '', ...words] = line.split(/ +/)
      const [path = '', target] = words.join(' ').split(' -> ')
      return { mode, owner, time: `${date} ${clock}`, path: path.replace(/^\.\//, '/'), target }
    })
}
