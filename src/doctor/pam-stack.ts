import { basename } from 'node:path'
import type { PamFile } from '../host/pam-file.ts'
import { type PamLine, type PamType, parsePamLines } from './pam-line.ts'

/** libpam gives up at this depth (PAM_SUBSTACK_MAX_LEVEL). */
const DEEPEST_INCLUDE = 16
/** Files that include each other can come to any number: no real stack has as many. */
const MOST_STEPS = 500

/**
 * One step of a stack: a module, or a stack of its own, which jumps count as one. `faulty`: libpam does
 * not understand the line, and takes it for a module that fails. `too-many`: nobody looked further.
 */
export type PamStep =
  | { readonly kind: 'module'; readonly line: PamLine }
  | { readonly kind: 'substack'; readonly line: PamLine; readonly steps: readonly PamStep[] }
  | { readonly kind: 'missing' | 'faulty' | 'too-many'; readonly line: PamLine }

/**
 * The stack of one type, `@include` and `include` resolved: their lines count for jumps as if they
 * stood there. `undefined`: the service has no file of its own.
 */
export function resolvePamStack(
  files: readonly PamFile[],
  service: string,
  type: PamType,
): readonly PamStep[] | undefined {
  const file = files.find(({ name }) => name === service)
  return file && resolveFile({ files, type, stepsLeft: MOST_STEPS }, file, [])
}

/** The files that a service's stacks come from, its own first; no more than there are. */
export function findReachedFiles(files: readonly PamFile[], service: string): readonly PamFile[] {
  const reached = files.filter(({ name }) => name === service)
  for (const file of reached) {
    for (const { target } of parsePamLines(file.path, file.text).filter(isIncluding)) {
      const next = findFile(files, target)
      if (next !== undefined && !reached.includes(next)) reached.push(next)
    }
  }
  return reached
}

interface Resolution {
  readonly files: readonly PamFile[]
  readonly type: PamType
  stepsLeft: number
}

function resolveFile(
  resolution: Resolution,
  file: PamFile,
  outer: readonly PamFile[],
): readonly PamStep[] {
  return parsePamLines(file.path, file.text)
    .filter((line) => line.type === resolution.type || line.type === '@include')
    .flatMap((line) => resolveLine(resolution, line, [...outer, file]))
}

function resolveLine(
  resolution: Resolution,
  line: PamLine,
  outer: readonly PamFile[],
): readonly PamStep[] {
  resolution.stepsLeft -= 1
  if (resolution.stepsLeft < 0) return resolution.stepsLeft < -1 ? [] : [{ kind: 'too-many', line }]
  if (!isIncluding(line)) return [{ kind: line.target === '' ? 'faulty' : 'module', line }]
  const file = findFile(resolution.files, line.target)
  const isEndless = file !== undefined && outer.includes(file)
  if (file === undefined || isEndless || outer.length > DEEPEST_INCLUDE) {
    // To libpam a stack of its own that is empty, and then a module that fails: jumps count both.
    const empty: PamStep = { kind: 'substack', line, steps: [] }
    return [...(line.control === 'substack' ? [empty] : []), { kind: 'missing', line }]
  }
  const steps = resolveFile(resolution, file, outer)
  return line.control === 'substack' ? [{ kind: 'substack', line, steps }] : steps
}

function isIncluding({ type, control }: PamLine): boolean {
  return type === '@include' || /^(?:include|substack)$/.test(control)
}

function findFile(files: readonly PamFile[], target: string): PamFile | undefined {
  return files.find(({ name, path }) => [name, path].includes(target))
}

/** Every line of a stack, those of substacks in their place. */
export function linesOf(steps: readonly PamStep[]): readonly PamLine[] {
  return steps.flatMap((step) => (step.kind === 'substack' ? linesOf(step.steps) : [step.line]))
}

/** `pam_unix.so` of `/lib/security/pam_unix.so`. */
export function moduleOf({ target }: PamLine): string {
  return basename(target)
}

/** `FILE line N`. */
export function placeOf({ file, line }: PamLine): string {
  return `${file} line ${line}`
}
