import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DIRECTORY_PREFIX } from '../support/host-scope.ts'
import { runTool } from '../support/run-tool.ts'

/** What man(1) makes of a page for a wide terminal, and what it warns of. */
export function formatPage(roff: string): { readonly text: string; readonly stderr: string } {
  const directory = mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}man-`))
  const file = join(directory, 'tried.8')
  try {
    writeFileSync(file, roff)
    const wide = ['LC_ALL=C.UTF-8', 'MANWIDTH=120', 'MAN_KEEP_STDERR=1']
    const { stdout, stderr } = runTool('env', [...wide, 'man', '--warnings', '-l', file])
    return { text: stdout, stderr }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
