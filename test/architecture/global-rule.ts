import { layerOf, MAINS } from './layer.ts'
import type { SourceModule } from './source-module.ts'

interface Forbidden {
  readonly what: string
  readonly pattern: RegExp
  /** Not even where the process may be known. */
  readonly everywhere?: boolean
}

/** Clock, surroundings and output are handed in: what is judged depends on arguments alone. */
const FORBIDDEN: readonly Forbidden[] = [
  { what: 'Date.now', pattern: /\bDate\s*\??\.\s*now\b/ },
  { what: 'the current Date', pattern: /\bnew\s+Date\b(?!\s*\(\s*[^\s)])|(?<!new\s+)\bDate\s*\(/ },
  { what: 'performance', pattern: /\bperformance\b/ },
  { what: 'process.env', pattern: /\bprocess\s*\??\.\s*env\b/ },
  { what: 'process.exit', pattern: /\bprocess\s*\??\.\s*exit\b/ },
  { what: 'process as a whole', pattern: /(?<![\w$.])process\b(?!\s*(?:\??\.\s*\w|:))/ },
  { what: 'globalThis', pattern: /\bglobalThis\b/ },
  { what: 'console', pattern: /(?<![\w$.])console\b/ },
  { what: 'Math.random', pattern: /\bMath\s*\??\.\s*random\b/, everywhere: true },
]

/** Every mention of something that only host/ and the mains may know, each in a line. */
export function findForbiddenGlobals(modules: readonly SourceModule[]): readonly string[] {
  return modules.flatMap(({ path, code }) => {
    const knowsProcess = layerOf(path) === 'host' || MAINS.includes(path)
    return FORBIDDEN.filter(
      ({ pattern, everywhere }) => (everywhere || !knowsProcess) && pattern.test(code),
    ).map(({ what }) => `${path}: uses ${what}`)
  })
}
