import type { Block, Page, PageSection, Text } from './page.ts'

/** Characters that roff takes for its own, or prints as something prettier that cannot be pasted. */
const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
}

const MARKED = /`([^`]+)`|<([^<>]+)>/g

/**
 * The page in the language of man(7), with `others` as what else to read. No date: the same sources
 * make the same page. Throws where a text is not ASCII, or a mark in it is not closed.
 */
export function renderRoff(page: Page, version: string, others: readonly Page[]): string {
  const name: PageSection = {
    title: 'NAME',
    blocks: [{ kind: 'paragraph', text: `${page.name} - ${page.about}` }],
  }
  return [
    `.TH ${literal(page.name)} ${page.section} "" "otpgate ${literal(version)}" "otpgate"`,
    // No hyphens that are not there, no stretched lines: commands are read and copied.
    '.nh',
    '.ad l',
    ...[name, ...page.sections, seeAlso(others)].flatMap(renderSection),
    '',
  ].join('\n')
}

function seeAlso(pages: readonly Page[]): PageSection {
  const names = pages.map(({ name, section }) => `\`${name}\`(${section})`)
  return { title: 'SEE ALSO', blocks: [{ kind: 'paragraph', text: names.join(', ') }] }
}

function renderSection({ title, blocks }: PageSection): readonly string[] {
  return [`.SH ${quote(literal(title))}`, ...blocks.flatMap(renderBlock)]
}

function renderBlock(block: Block): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return [`.SS ${quote(renderText(block.title))}`]
    case 'paragraph':
      return ['.PP', line(renderText(block.text))]
    case 'calls':
      return block.calls.flatMap((call) => ['.HP', line(renderText(call))])
    case 'entries':
      return block.entries.flatMap(({ term, about }) => [
        '.TP',
        line(renderText(term)),
        line(renderText(about)),
      ])
    case 'example':
      return [
        '.PP',
        '.RS 4',
        '.nf',
        ...block.lines.map((each) => line(literal(each))),
        '.fi',
        '.RE',
      ]
  }
}

function renderText(text: Text): string {
  const unmarked = text.replace(MARKED, '')
  if (/[`<]/.test(unmarked)) throw new Error(`a mark is not closed: ${text}`)
  let rendered = ''
  let end = 0
  for (const match of text.matchAll(MARKED)) {
    const [whole, typed, replaced = ''] = match
    rendered += literal(text.slice(end, match.index))
    rendered += typed === undefined ? `\\fI${literal(replaced)}\\fR` : `\\fB${literal(typed)}\\fR`
    end = match.index + whole.length
  }
  return rendered + literal(text.slice(end))
}

function literal(text: string): string {
  if (!/^[ -~]*$/.test(text)) throw new Error(`not one line of ASCII: ${JSON.stringify(text)}`)
  return text.replace(/[\\\-'"`^~]/g, (character) => SPECIAL[character] ?? character)
}

/** A line that begins with a dot would be a request. */
function line(rendered: string): string {
  return rendered.startsWith('.') ? `\\&${rendered}` : rendered
}

function quote(rendered: string): string {
  return `"${rendered}"`
}
