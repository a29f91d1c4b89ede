import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { canRunWith } from '../support/host-requirement.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { laySickHost, type SickHost } from './sick-host.ts'

/** What breaks a host, and what puts it right. */
export interface Harm {
  readonly breakIt: (host: SickHost) => unknown
  readonly healIt: (host: SickHost) => unknown
}

/** One thing that goes wrong with a host, and how it is put right. */
export interface Ailment extends Harm {
  readonly title: string
  readonly severity: 'problem' | 'warning' | 'note'
  /** A part of what it says is wrong. */
  readonly says: string
}

type FileOf = (host: SickHost) => string

/** Replaces a text in a file of the host; it has to be there. */
export function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no "${from}"`)
  writeFileSync(file, text.replace(from, to))
}

/** Breaks a file by another text in the place of one. */
export function rewrite(file: FileOf, from: string, to: string): Harm {
  return {
    breakIt: (host) => edit(file(host), from, to),
    healIt: (host) => edit(file(host), to, from),
  }
}

/** Takes a file away. */
export function move(file: FileOf): Harm {
  return {
    breakIt: (host) => renameSync(file(host), `${file(host)}.away`),
    healIt: (host) => renameSync(`${file(host)}.away`, file(host)),
  }
}

/** Gives a file another mode. */
export function mode(file: FileOf, bad: number, good: number): Harm {
  return {
    breakIt: (host) => chmodSync(file(host), bad),
    healIt: (host) => chmodSync(file(host), good),
  }
}

/** The file of the recipe that hosts have. */
export function recipeOf({ places }: SickHost): string {
  return `${places.pamDirectories[0]}/otpgate-key-then-code`
}

/** What the passwd database of the host enumerates. */
export function passwdOf({ places }: SickHost): string {
  return places.getent.replace('getent', 'passwd')
}

/** Its side of sshd_config. */
export function dropInOf({ places }: SickHost): string {
  return places.sshdConfig.replace('sshd_config', 'drop-in/00-otpgate.conf')
}

/** Puts the recipe back as it was. */
export function useUsualRecipe(host: SickHost): void {
  host.useRecipe('otpgate-key-then-code', '00-otpgate.conf')
}

/** Tests on a healthy host of their own each. */
export function describeOnHost(name: string, tests: (host: () => SickHost) => void): void {
  const canRun = canRunWith('tests of doctor', ['sshd', 'ssh-keygen'])
  describe.skipIf(!canRun)(name, { timeout: 60_000 }, () => {
    const scratch = useScratchDirectory()
    let host: SickHost
    beforeEach(async () => {
      host = await laySickHost(scratch)
    })
    tests(() => host)
  })
}

/** Each breaks one thing: the check `name`, and no other, finds it, and is content once it is mended. */
export function testAilments(name: string, ailments: readonly Ailment[]): void {
  describeOnHost(`the check of ${name}`, (host) => {
    test.each(ailments)('finds $title, it alone, and is content once it is mended', async ({
      breakIt,
      healIt,
      severity,
      says,
    }) => {
      await breakIt(host())
      const { status, report } = await host().examine()
      const findings = report.checks.flatMap((each) => each.findings)
      expect(await host().complaints()).toEqual([`${name}: ${severity}`])
      expect(findings.map(({ what }) => what).join('\n')).toContain(says)
      expect(status).toBe(severity === 'problem' ? 9 : 0)
      await healIt(host())
      expect(await host().complaints()).toEqual([])
    })
  })
}
