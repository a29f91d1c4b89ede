/**
 * Running text in ASCII. What stands in back quotes is typed as it is, what stands in angle brackets
 * is replaced by something: `enroll` <user>.
 */
export type Text = string

/** A term, and what it means. */
export interface Entry {
  readonly term: Text
  readonly about: Text
}

/** What a section is made of, from top to bottom. */
export type Block =
  | { readonly kind: 'heading'; readonly title: Text }
  | { readonly kind: 'paragraph'; readonly text: Text }
  /** How a command is called: one line each. */
  | { readonly kind: 'calls'; readonly calls: readonly Text[] }
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  /** Lines as they are, without marks. */
  | { readonly kind: 'example'; readonly lines: readonly string[] }

/** One section of a page; `title` in capitals. */
export interface PageSection {
  readonly title: string
  readonly blocks: readonly Block[]
}

/** One manual page, without what every page has: its name and what else to read. */
export interface Page {
  readonly name: string
  /** Of the manual: 5 for files, 8 for what an admin runs. */
  readonly section: 5 | 8
  readonly about: string
  readonly sections: readonly PageSection[]
}

/** A paragraph of running text. */
export function paragraph(text: Text): Block {
  return { kind: 'paragraph', text }
}

/** Terms with what they mean. */
export function entries(list: readonly Entry[]): Block {
  return { kind: 'entries', entries: list }
}

/** `otpgate.8`, as man(1) looks for it. */
export function fileNameOf({ name, section }: Pick<Page, 'name' | 'section'>): string {
  return `${name}.${section}`
}
