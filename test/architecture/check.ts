import { findForbiddenGlobals } from './global-rule.ts'
import { countEdges, findCycles } from './import-graph.ts'
import { findForbiddenImports } from './import-rule.ts'
import type { SourceModule } from './source-module.ts'

/** Everything in which the files differ from the architecture, a line each. */
export function findViolations(modules: readonly SourceModule[]): readonly string[] {
  return [
    // A scan that sees nothing finds nothing wrong: that must not pass for an answer.
    ...(modules.length === 0 ? ['no file was scanned'] : []),
    ...(countEdges(modules) === 0 ? ['no file imports another'] : []),
    ...findForbiddenImports(modules),
    ...findForbiddenGlobals(modules),
    ...findCycles(modules).map((cycle) => `cycle: ${cycle}`),
  ]
}
