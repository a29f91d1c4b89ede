import { basename } from 'node:path'
import type { PamFile } from '../host/pam-file.ts'
import { type PamLine, type PamType, parsePamLines } from './pam-line.ts'

/** libpam gives up at this depth (PAM_SUBSTACK_MAX_LEVEL). */
const DEEPEST_INCLUDE = 16

/**
 * One step of a stack: a module, or a stack of its own, which jumps count as one. `faulty`: libpam does
 * not understand the line, and takes it for a module that fails.
 */
export type PamStep =
  | { readonly kind: 'module'; readonly line: PamLine }
  | { readonly kind: 'substack'; readonly line: PamLine; readonly steps: readonly PamStep[] }
  | { readonly kind: 'missing' | 'faulty'; readonly line: PamLine }

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
  return file && resolveFile(files, file, type, [])
}

function resolveFile(
  files: readonly PamFile[],
  file: PamFile,
  type: PamType,
  outer: readonly PamFile[],
): readonly PamStep[] {
  return parsePamLines(file.path, file.text)
    .filter((line) => line.type === type || line.type === '@include')
    .flatMap((line) => resolveLine(files, line, type, [...outer, file]))
}

function resolveLine(
  files: readonly PamFile[],
  line: PamLine,
  type: PamType,
  outer: readonly PamFile[],
): readonly PamStep[] {
  const isIncluding = line.type === '@include' || /^(?:include|substack)$/.test(line.control)
  if (!isIncluding) return [{ kind: line.target === '' ? 'faulty' : 'module', line }]
  const file = files.find(({ name, path }) => [name, path].includes(line.target))
  const isEndless = file !== undefined && outer.includes(file)
  if (file === undefined || isEndless || outer.length > DEEPEST_INCLUDE) {
    return [{ kind: 'missing', line }]
  }
  const steps = resolveFile(files, file, type, outer)
  return line.control === 'substack' ? [{ kind: 'substack', line, steps }] : steps
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
