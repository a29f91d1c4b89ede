import { styleText } from 'node:util'
import { toPrintable } from '../../src/base/text.ts'
import { describeTerminal, type OutputStream, type Terminal } from '../../src/host/tty.ts'

/** No line is longer than this, on however wide a window. */
const WIDEST = 80
const INDENT = '   '

type Style = Parameters<typeof styleText>[0]

/** Everything the demo prints: ASCII, at most 80 columns, colours only on a terminal. */
export interface Screen {
  /** What stdout is at this moment: windows change their size. */
  terminal(): Terminal
  title(text: string): void
  /** The first line of a step. */
  heading(text: string): void
  /** Flowing text; `indented` where it belongs to a step. */
  say(text: string, layout?: 'indented'): void
  /** A command line. */
  typed(command: string): void
  /** One line of what came back. */
  seen(line: string): void
  verdict(isGood: boolean, text: string): void
  /** Lines that are laid out already, such as a QR code. */
  draw(text: string): void
  gap(): void
}

/** A screen on a stream such as `process.stdout`. */
export function createScreen(output: OutputStream & { write(text: string): unknown }): Screen {
  const terminal = () => describeTerminal(output)
  const paint = (style: Style, text: string) =>
    terminal().allowsColour ? styleText(style, text, { validateStream: false }) : text
  const print = (text: string, indent: string, style?: Style) => {
    const width = Math.min(terminal().columns, WIDEST) - indent.length
    for (const line of wrapText(text, width)) {
      output.write(`${indent}${style === undefined ? line : paint(style, line)}\n`)
    }
  }
  return {
    terminal,
    title: (text) => print(text, '', 'bold'),
    heading: (text) => print(text, '', ['bold', 'cyan']),
    say: (text, layout) => print(text, layout === 'indented' ? INDENT : ''),
    typed: (command) => print(`$ ${command}`, INDENT, 'bold'),
    seen: (line) => print(toPrintable(line), `${INDENT}  `),
    verdict: (isGood, text) =>
      print(`${isGood ? 'ok' : 'NOT OK'}: ${text}`, INDENT, isGood ? 'green' : ['bold', 'red']),
    draw: (text) => void output.write(`${text}\n`),
    gap: () => void output.write('\n'),
  }
}

/**
 * Text in lines of at most `width` characters, broken at blanks; a word that is longer is cut. The
 * blanks inside a line stay as they are: columns are made of them.
 */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width)
    const end = blank > 0 ? blank : width
    lines.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}
