import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MIGRATIONS } from '../../src/store/sqlite/migrations/list.ts'
import { BEHIND_A_KEY } from '../support/code-service.ts'
import { codeOf, type EnrolledPerson, enrollPerson } from '../support/enrolled-person.ts'
import {
  COMMAND_LINE,
  DIRECT_VERIFIER,
  type Otpgate,
  type OtpgateHost,
} from '../support/otpgate-host.ts'
import type { HostUser } from '../support/throwaway-host.ts'
import type { Outlet } from './disk-call.ts'
import { toFirstSchema } from './first-schema.ts'
import type { KeptState } from './kept-state.ts'
import type { Command } from './traced-run.ts'

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
  /** Where it tells whoever waits that it is done, before its end. */
  readonly answersOn: Outlet
  /** What is kept once it is done, in numbers that no run is asked for. */
  readonly done: Done
  /** What is right between the two, where the command has two transactions. */
  middle?(old: KeptState): KeptState
  /** Puts everything back to what it was before the command. */
  restore(): void
  /** The copy from which it is put back. */
  readonly before: string
}

/** What is kept afterwards, and how many of the ids that were active before still are. */
export interface Done extends Partial<Omit<KeptState, 'audit' | 'active'>> {
  readonly stillActive: number
  readonly lastAudit: string
}

export const CRASH_TITLES = [
  'a login with a code',
  'a login with a recovery code',
  'enroll --no-confirm',
  'confirm',
  'reset',
  'recovery new',
  'init on a database of the first schema',
] as const

export type CrashTitle = (typeof CRASH_TITLES)[number]

interface Setting {
  readonly otpgate: Otpgate
  readonly user: HostUser
  readonly cli: (args: readonly string[], input?: string) => Command
  readonly verify: (answer: string) => Command
}

type Prepared = Omit<CrashCase, 'user' | 'directory' | 'before' | 'restore'>

const NEW_DEVICE = 'confirmed: false, used: false'
const PROVEN_DEVICE = 'confirmed: true, used: true'

const CASES: Readonly<Record<CrashTitle, (setting: Setting) => Promise<Prepared>>> = {
  'a login with a code': async (setting) => {
    const { app } = await enroll(setting)
    return {
      command: () => setting.verify(codeOf(app)),
      next: () => setting.verify(codeOf(app, 1)),
      nextStatus: { old: 0, new: 0 },
      answersOn: 'log',
      done: {
        ...{ devices: [PROVEN_DEVICE], stillActive: 1 },
        ...{ tickets: 1, lastAudit: 'login accepted' },
      },
    }
  },
  'a login with a recovery code': async (setting) => {
    const { recoveryCodes } = await enroll(setting, true)
    const [first = '', second = ''] = recoveryCodes
    return {
      command: () => setting.verify(first),
      next: () => setting.verify(second),
      nextStatus: { old: 0, new: 0 },
      answersOn: 'log',
      done: {
        ...{ devices: [NEW_DEVICE], recoveryCodes: 9, stillActive: 10 },
        ...{ tickets: 1, failures: 0, lastAudit: 'login accepted' },
      },
      middle: (old) => ({ ...old, failures: 1, audit: [...old.audit, 'login unfinished'] }),
    }
  },
  'enroll --no-confirm': async (setting) => {
    const { cli, user } = setting
    const command = () => cli(['enroll', user.name, '--no-confirm', '--json'])
    const done: Done = {
      ...{ devices: [NEW_DEVICE], recoveryCodes: 10, stillActive: 0 },
      ...{ override: undefined, lastAudit: 'enroll done' },
    }
    const nextStatus = { old: 3, new: 0 }
    return { command, next: resetOf(setting), nextStatus, answersOn: 'stdout', done }
  },
  confirm: async (setting) => {
    const { cli, user, otpgate } = setting
    const app = await openEnrolment(otpgate, user.name)
    const command = () => cli(['confirm', user.name, '--json'], `${codeOf(app)}\n`)
    const done: Done = {
      ...{ devices: [PROVEN_DEVICE], recoveryCodes: 10, stillActive: 1 },
      ...{ override: undefined, lastAudit: 'confirm done' },
    }
    const nextStatus = { old: 0, new: 0 }
    return { command, next: resetOf(setting), nextStatus, answersOn: 'stdout', done }
  },
  reset: async (setting) => {
    await enroll(setting, true)
    const command = resetOf(setting)
    const done: Done = {
      ...{ devices: [], recoveryCodes: 0, stillActive: 0 },
      ...{ override: 'must-enroll', lastAudit: 'reset done' },
    }
    return { command, next: command, nextStatus: { old: 0, new: 0 }, answersOn: 'stderr', done }
  },
  'recovery new': async (setting) => {
    await enroll(setting, true)
    const command = () => setting.cli(['recovery', 'new', setting.user.name, '--yes', '--json'])
    const done: Done = {
      // Of what was active before only the device: none of the old codes.
      ...{ devices: [NEW_DEVICE], recoveryCodes: 10, stillActive: 1 },
      lastAudit: 'recovery-new done',
    }
    const nextStatus = { old: 0, new: 0 }
    return { command, next: resetOf(setting), nextStatus, answersOn: 'stdout', done }
  },
  'init on a database of the first schema': async (setting) => {
    await enroll(setting, true)
    toFirstSchema(setting.otpgate.databaseFile)
    const command = () => setting.cli(['init', '--json'])
    const done: Done = {
      ...{ schema: MIGRATIONS.length, devices: [NEW_DEVICE], recoveryCodes: 10, stillActive: 11 },
      lastAudit: 'enroll done',
    }
    const nextStatus = { old: 0, new: 0 }
    return { command, next: command, nextStatus, answersOn: 'stdout', done }
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
    cli: (args, input = '') => ({ argv: [COMMAND_LINE, ...config, ...args], input }),
    verify: (answer) => ({ argv: [DIRECT_VERIFIER, ...config], env, input: answer }),
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
