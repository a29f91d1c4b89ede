import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTool } from '../support/run-tool.ts'
import type { ScratchPath } from '../support/scratch-directory.ts'

const UNITS = fileURLToPath(new URL('../../systemd', import.meta.url))
/** systemd's own units, which ours are ordered by. */
const SYSTEM_UNITS = '/usr/lib/systemd/system'
/** What the units start; that it is there is part of what systemd-analyze looks at. */
const PROGRAMS = ['usr/lib/otpgate/otpgated', 'usr/bin/otpgate', 'bin/sh']

/** Every unit that we ship: `otpgated.service` and its like. */
export function shippedUnits(): readonly string[] {
  return readdirSync(UNITS).filter((name) => /\.(?:service|socket|timer)$/.test(name))
}

/** The text of a file in systemd/. */
export function readUnit(name: string): string {
  return readFileSync(join(UNITS, name), 'utf8')
}

/** The values of a key in the order they stand in, from all sections. */
export function valuesOf(text: string, key: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.startsWith(`${key}=`))
  return lines.map((line) => line.slice(key.length + 1))
}

/** A root directory as a host with otpgate has it, as far as systemd-analyze looks. */
export interface UnitTree {
  /** Puts another text in the place of a shipped unit's. */
  replace(name: string, text: string): void
  /** `systemd-analyze verify`: its status and all that it says. */
  verify(names: readonly string[]): { readonly status: number | undefined; readonly said: string }
  /** The exposure that `systemd-analyze security` gives a service: 0 is best, 10 worst. */
  exposureOf(service: string): number
}

export function makeUnitTree(path: ScratchPath): UnitTree {
  const root = path('root')
  cpSync(SYSTEM_UNITS, join(root, SYSTEM_UNITS), { recursive: true, verbatimSymlinks: true })
  for (const program of PROGRAMS) writeProgram(join(root, program))
  const place = join(root, 'etc/systemd/system')
  mkdirSync(place, { recursive: true })
  for (const name of shippedUnits()) writeFileSync(join(place, name), readUnit(name))
  const analyze = (...args: readonly string[]) =>
    runTool('systemd-analyze', [`--root=${root}`, ...args])
  return {
    replace: (name, text) => writeFileSync(join(place, name), text),
    verify: (names) => {
      const { status, stdout, stderr } = analyze('verify', ...names)
      return { status, said: stdout + stderr }
    },
    exposureOf: (service) => {
      const { stdout } = analyze('security', '--offline=true', '--no-pager', service)
      return Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN)
    },
  }
}

function writeProgram(file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '#!/bin/sh\n')
  chmodSync(file, 0o755)
}
