import type { SourceModule } from './source-module.ts'

/** What a program loads before its first line runs. */
export interface Closure {
  readonly modules: readonly string[]
  readonly packages: readonly string[]
}

/** Everything that starting `entry` loads; `import()` comes later and does not count. */
export function findClosure(modules: readonly SourceModule[], entry: string): Closure {
  const byPath = new Map(modules.map((each) => [each.path, each]))
  if (!byPath.has(entry)) throw new Error(`there is no ${entry}`)
  const reached = new Set([entry])
  const packages = new Set<string>()
  // A set hands out what is added to it while it is walked.
  for (const path of reached) {
    for (const { when, target } of byPath.get(path)?.imports ?? []) {
      if (when !== 'start') continue
      if (target.kind === 'module') reached.add(target.path)
      if (target.kind === 'package') packages.add(target.name)
    }
  }
  return { modules: [...reached], packages: [...packages] }
}

/** Files that load each other in a circle, each circle in a line: `a -> b -> a`. */
export function findCycles(modules: readonly SourceModule[]): readonly string[] {
  const edges = new Map(modules.map((each) => [each.path, runtimeTargets(each)]))
  const cycles: string[] = []
  const done = new Set<string>()
  function visit(path: string, trail: readonly string[]): void {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' -> '))
    if (start >= 0 || done.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const { path } of modules) visit(path, [])
  return cycles
}

/** How many imports lead from one file of ours to another. */
export function countEdges(modules: readonly SourceModule[]): number {
  return modules.flatMap(({ imports }) => imports.filter(({ target }) => target.kind === 'module'))
    .length
}

function runtimeTargets({ imports }: SourceModule): readonly string[] {
  return imports.flatMap(({ when, target }) =>
    when !== 'type' && target.kind === 'module' ? [target.path] : [],
  )
}
