import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BEHIND_A_KEY } from '../support/code-service.ts'
import { codeOf, type EnrolledPerson, enrollPerson } from '../support/enrolled-person.ts'
import type { Otpgate, OtpgateHost } from '../support/otpgate-host.ts'
import type { HostUser } from '../support/throwaway-host.ts'
import type { KeptState } from './kept-state.ts'
import type { Command } from './traced-run.ts'

const CLI = fileURLToPath(new URL('../../bin/otpgate', import.meta.url))

/** A command that writes, on an otpgate of its own, to be ended in the middle again and again. */
export interface CrashCase {
  readonly user: string
  /** All of the otpgate; nothing else is in it. */
  readonly directory: string
  /** Made anew for each run: codes have their time. */
  command(): Command
  /** What the person or the admin does next, after the first one was ended in the middle. */
  next(): Command
  /** Exit statuses that `next` may have: where nothing was changed yet, and where all was. */
  readonly nextStatus: { readonly old: number; readonly new: number }
  /** What is right between the two, where the command has two transactions. */
  middle?(old: KeptState): KeptState
  /** Puts everything back to what it was before the command. */
  restore(): void
  /** The copy from which it is put back. */
  readonly before: string
}

export const CRASH_TITLES = [
  'a login with a code',
  'a login with a recovery code',
  'enroll --no-confirm',
  'confirm',
  'reset',
  'recovery new',
] as const

export type CrashTitle = (typeof CRASH_TITLES)[number]

interface Setting {
  readonly otpgate: Otpgate
  readonly user: HostUser
  readonly cli: (args: readonly string[], input?: string) => Command
  readonly verify: (answer: string) => Command
}

type Prepared = Pick<CrashCase, 'command' | 'next' | 'nextStatus' | 'middle'>

const CASES: Readonly<Record<CrashTitle, (setting: Setting) => Promise<Prepared>>> = {
  'a login with a code': async (setting) => {
    const { app } = await enroll(setting)
    return {
      command: () => setting.verify(codeOf(app)),
      next: () => setting.verify(codeOf(app, 1)),
      nextStatus: { old: 0, new: 0 },
    }
  },
  'a login with a recovery code': async (setting) => {
    const { recoveryCodes } = await enroll(setting, true)
    const [first = '', second = ''] = recoveryCodes
    return {
      command: () => setting.verify(first),
      next: () => setting.verify(second),
      nextStatus: { old: 0, new: 0 },
      middle: (old) => ({ ...old, failures: 1, audit: [...old.audit, 'login unfinished'] }),
    }
  },
  'enroll --no-confirm': async (setting) => {
    const { cli, user } = setting
    const command = () => cli(['enroll', user.name, '--no-confirm', '--json'])
    return { command, next: resetOf(setting), nextStatus: { old: 3, new: 0 } }
  },
  confirm: async (setting) => {
    const { cli, user, otpgate } = setting
    const app = await openEnrolment(otpgate, user.name)
    const command = () => cli(['confirm', user.name, '--json'], `${codeOf(app)}\n`)
    return { command, next: resetOf(setting), nextStatus: { old: 0, new: 0 } }
  },
  reset: async (setting) => {
    await enroll(setting, true)
    const command = resetOf(setting)
    return { command, next: command, nextStatus: { old: 0, new: 0 } }
  },
  'recovery new': async (setting) => {
    await enroll(setting, true)
    const command = () => setting.cli(['recovery', 'new', setting.user.name, '--yes', '--json'])
    return { command, next: resetOf(setting), nextStatus: { old: 0, new: 0 } }
  },
}

/** Lays the case down on the host. */
export async function prepareCrash(host: OtpgateHost, title: CrashTitle): Promise<CrashCase> {
  const otpgate = await host.install()
  const directory = dirname(otpgate.configFile)
  const user = host.addUser()
  const prepared = await CASES[title](toSetting(otpgate, user))
  const before = mkdtempSync(join(host.secretDirectory, 'before-'))
  cpSync(directory, before, { recursive: true })
  const restore = () => {
    for (const entry of readdirSync(directory)) rmSync(join(directory, entry), { recursive: true })
    cpSync(before, directory, { recursive: true })
  }
  return { user: user.name, directory, before, restore, ...prepared }
}

function toSetting(otpgate: Otpgate, user: HostUser): Setting {
  const config = ['--config', otpgate.configFile]
  const env = {
    ...BEHIND_A_KEY,
    ...{ PAM_USER: user.name, PAM_SERVICE: 'sshd', PAM_TTY: 'ssh', PAM_TYPE: 'auth' },
  }
  return {
    otpgate,
    user,
    cli: (args, input = '') => ({ argv: [CLI, ...config, ...args], input }),
    verify: (answer) => ({ argv: otpgate.verifier, env, input: answer }),
  }
}

function enroll({ otpgate, user }: Setting, recovery = false): Promise<EnrolledPerson> {
  return enrollPerson(otpgate, user, recovery ? { recovery } : {})
}

/** A writing command that takes no slow hash. */
function resetOf({ cli, user }: Setting): () => Command {
  return () => cli(['reset', user.name, '--yes'])
}

/** An enrolment in which nobody has typed a code yet, and the app that was shown its secret. */
async function openEnrolment(otpgate: Otpgate, user: string) {
  const { stdout } = await otpgate.run(['enroll', user, '--qr', 'none'])
  const secretBase32 = /secret=([A-Z2-7]+)/.exec(stdout)?.[1] ?? ''
  return { secretBase32, algorithm: 'SHA1', digits: 6, periodSeconds: 30 } as const
}
