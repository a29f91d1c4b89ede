import { configPage } from './config-page.ts'
import { daemonPage } from './daemon-page.ts'
import { fileNameOf, type Page } from './page.ts'
import { programPage } from './program-page.ts'
import { renderRoff } from './roff.ts'
import { verifierPage } from './verifier-page.ts'

/** A file to be written: its name, and all of it. */
export interface ManualFile {
  readonly name: string
  readonly text: string
}

/** Every manual page, as man(1) takes it. */
export function listPages(version: string): readonly ManualFile[] {
  const pages: readonly Page[] = [programPage(), verifierPage(), daemonPage(), configPage()]
  return pages.map((page) => {
    const others = pages.filter((other) => other !== page)
    return { name: fileNameOf(page), text: renderRoff(page, version, others) }
  })
}
