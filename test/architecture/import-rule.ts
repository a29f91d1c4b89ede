import {
  FILE_BUILTINS,
  LAYERS,
  LAZY_PACKAGES,
  type LayerRule,
  layerOf,
  ONE_FILE_PACKAGES,
  OUTSIDE,
} from './layer.ts'
import type { Import, SourceModule } from './source-module.ts'

/** Every import that the table of layers does not allow, each in a line. */
export function findForbiddenImports(modules: readonly SourceModule[]): readonly string[] {
  const paths = new Set(modules.map(({ path }) => path))
  return [
    ...modules.flatMap(({ path, imports }) => {
      const problems = imports.map((each) => judgeImport(path, each, paths))
      return problems.filter((each) => each !== undefined).map((each) => `${path}: ${each}`)
    }),
    ...ONE_FILE_PACKAGES.flatMap((name) => findSpread(modules, name)),
  ]
}

/** What is wrong with one import of the file `from`; `undefined`: nothing. */
function judgeImport(
  from: string,
  { when, target }: Import,
  paths: ReadonlySet<string>,
): string | undefined {
  const rule = LAYERS[layerOf(from)]
  if (rule === undefined) return 'belongs to no layer'
  switch (target.kind) {
    case 'computed':
      return 'imports what cannot be read from its text'
    case 'module':
      return isAllowedModule(from, target.path, when, rule)
        ? judgeTarget(from, target.path, paths)
        : `imports ${target.path}`
    case 'package':
      return judgePackage(target.name, when, rule)
    case 'builtin':
      return isAllowedBuiltin(from, target.name, when, rule) ? undefined : `imports ${target.name}`
  }
}

function isAllowedModule(
  from: string,
  path: string,
  when: Import['when'],
  { layers, typesOf = [] }: LayerRule,
): boolean {
  const layer = layerOf(path)
  const allowed = [...layers, layerOf(from), ...(when === 'type' ? typesOf : [])]
  return allowed.includes(layer) || allowed.includes(path) || OUTSIDE[from] === path
}

function judgeTarget(from: string, path: string, paths: ReadonlySet<string>): string | undefined {
  const isThere = paths.has(path) || OUTSIDE[from] === path
  return isThere ? undefined : `imports ${path}, which is not there`
}

function judgePackage(name: string, when: Import['when'], rule: LayerRule): string | undefined {
  if (!rule.packages.includes(name)) return `imports the package ${name}`
  const isEager = when === 'start' && LAZY_PACKAGES.includes(name)
  return isEager ? `loads ${name} at its start` : undefined
}

/** Types of Node's modules are free: they do nothing. */
function isAllowedBuiltin(
  from: string,
  name: string,
  when: Import['when'],
  { builtins }: LayerRule,
): boolean {
  if (when === 'type' || builtins === 'any') return true
  return builtins.includes(name) || (FILE_BUILTINS[from] ?? []).includes(name)
}

function findSpread(modules: readonly SourceModule[], name: string): readonly string[] {
  const files = modules.filter(({ imports }) =>
    imports.some(({ target }) => target.kind === 'package' && target.name === name),
  )
  return files.length > 1 ? [`${files.map(({ path }) => path).join(', ')}: all import ${name}`] : []
}
