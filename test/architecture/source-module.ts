import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { blankText } from './blank-text.ts'

/** Where an import leads. `path`: of one of our files, below src. */
export type Target =
  | { readonly kind: 'module'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'builtin'; readonly name: string }
  /** `import(name)`: nobody can say where it leads. */
  | { readonly kind: 'computed' }

/** `type`: gone at run time. `lazy`: loaded by `import()` when the line is reached. */
export interface Import {
  readonly when: 'start' | 'lazy' | 'type'
  readonly target: Target
}

/** One file of the source tree. `code`: its text without comments and the content of strings. */
export interface SourceModule {
  readonly path: string
  readonly code: string
  readonly imports: readonly Import[]
}

const NAMES = String.raw`(?:[\w$]+\s*,\s*)?(?:\{[^{}]*\}|\*(?:\s+as\s+[\w$]+)?|[\w$]+)`
const STATEMENT = new RegExp(
  String.raw`\b(?:import|export)\s+(?<type>type\s+)?${NAMES}\s*\bfrom\s*(?<quote>['"])`,
  'g',
)
const SIDE_EFFECT = /\bimport\s*(?<quote>['"])/g
const CALL = /(?<type>\btypeof\s+)?\b(?:import|require)\s*\(\s*(?<quote>['"])?/g

/** Every TypeScript file below `root`. */
export function readModules(root: string): readonly SourceModule[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => parseModule(path, readFileSync(join(root, path), 'utf8')))
}

/** `path`: below src, such as `domain/otp.ts`. */
export function parseModule(path: string, source: string): SourceModule {
  const code = blankText(source)
  const find = (pattern: RegExp, when: Import['when']): readonly Import[] =>
    [...code.matchAll(pattern)].map((found) => ({
      when: found.groups?.type === undefined ? when : 'type',
      target: toTarget(path, readSpecifier(source, code, found)),
    }))
  return {
    path,
    code,
    imports: [...find(STATEMENT, 'start'), ...find(SIDE_EFFECT, 'start'), ...find(CALL, 'lazy')],
  }
}

function readSpecifier(source: string, code: string, found: RegExpExecArray): string | undefined {
  const quote = found.groups?.quote
  if (quote === undefined) return undefined
  const start = found.index + found[0].length
  return source.slice(start, code.indexOf(quote, start))
}

function toTarget(from: string, specifier: string | undefined): Target {
  if (specifier === undefined) return { kind: 'computed' }
  if (specifier.startsWith('.')) {
    return { kind: 'module', path: posix.join(posix.dirname(from), specifier) }
  }
  if (specifier.startsWith('node:')) return { kind: 'builtin', name: specifier }
  const parts = specifier.split('/')
  return { kind: 'package', name: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') }
}
