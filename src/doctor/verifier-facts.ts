import { dirname } from 'node:path'
import type { PamFile } from '../host/pam-file.ts'
import { isSamePlace } from '../host/path.ts'
import { findProgramFlaw } from '../host/program-file.ts'
import type { DoctorFacts, HostPlaces } from './facts.ts'
import { parsePamLines } from './pam-line.ts'
import { findNamedCall } from './verifier-call.ts'

type VerifierFacts = Pick<
  DoctorFacts,
  'verifierPaths' | 'verifierFlaws' | 'foreignVerifiers' | 'strayCalls'
>

/** Looks at what the lines of all services name: programs, and configurations. */
export function readVerifierFacts(
  files: readonly PamFile[],
  { verifier, usualConfig }: HostPlaces,
  examinedConfig: string,
): VerifierFacts {
  const calls = files
    .flatMap(({ path, text }) => parsePamLines(path, text))
    .flatMap((line) => {
      const call = findNamedCall(line)
      return call === undefined ? [] : [{ line, ...call }]
    })
  const verifierPaths = [...new Set(calls.map(({ path }) => path))]
  return {
    verifierPaths,
    verifierFlaws: findFlaws(verifierPaths),
    foreignVerifiers: verifierPaths.filter(
      (path) => !isSamePlace(dirname(path), dirname(verifier)),
    ),
    strayCalls: calls
      .map(({ line, configPath = usualConfig }) => ({ line, configPath }))
      .filter(({ configPath }) => !isSamePlace(configPath, examinedConfig)),
  }
}

function findFlaws(paths: readonly string[]): ReadonlyMap<string, string> {
  const flaws = new Map<string, string>()
  for (const path of paths) {
    const flaw = findProgramFlaw(path)
    if (flaw !== undefined) flaws.set(path, flaw)
  }
  return flaws
}
