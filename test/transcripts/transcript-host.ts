import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeActor } from '../../src/host/actor.ts'
import { createPasswd } from '../../src/host/passwd.ts'
import { appCode, RFC_SECRET, tokenCode, wrongAppCode } from '../support/app-code.ts'
import { runProgram } from '../support/run-program.ts'
import { layStandardProgram } from '../support/standard-program.ts'
import { openThrowawayHost } from '../support/throwaway-host.ts'
import { type Alias, mask } from './mask.ts'
import type { Exchange, Observation } from './transcript.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Runs the commands of one transcript, one after the other. */
export type RunExchange = (exchange: Exchange) => Promise<Observation>

/** People and places that transcripts run on. */
export interface TranscriptHost {
  /** A directory, configuration and otpgate of its own; nothing is initialised yet. */
  readonly openPlace: (name: string) => RunExchange
  readonly close: () => void
}

/**
 * $ALICE, $BOB and $CAROL are users of this host, $DIR is the transcript's directory; `own $ALICE status`
 * is what alice gets from `sudo otpgate self status`. Needs root.
 */
export function openTranscriptHost(): TranscriptHost {
  const host = openThrowawayHost()
  const users = {
    ALICE: host.addUser().name,
    BOB: host.addUser().name,
    CAROL: host.addUser().name,
  }
  return {
    openPlace: (name) => {
      const directory = join(host.secretDirectory, name)
      const config = join(directory, 'otpgate.toml')
      mkdirSync(directory)
      writeFileSync(config, configText(directory))
      writeFileSync(
        join(directory, 'otpgate'),
        `#!/bin/sh\nexec ${ROOT}/bin/otpgate --config ${config} "$@"\n`,
        { mode: 0o755 },
      )
      // What people run through sudo, which says for whom; it takes no --config.
      writeFileSync(
        join(directory, 'own'),
        `#!/bin/sh\nSUDO_USER=$1 SUDO_UID=$(id -u "$1") exec ${layStandardProgram(directory, config)} self $2 $3\n`,
        { mode: 0o755 },
      )
      return runIn(directory, { ...users, DIR: directory })
    },
    close: host.close,
  }
}

function configText(directory: string): string {
  const data = join(directory, 'data')
  return `[store]
path = "${data}/otpgate.db"
key_file = "${data}/master.key"
[totp]
issuer = "bastion.example.org"
`
}

function runIn(directory: string, names: Readonly<Record<string, string>>): RunExchange {
  const env = { ...names, PATH: `${directory}:/usr/sbin:/usr/bin:/sbin:/bin` }
  const aliases: readonly Alias[] = [
    ...Object.entries(names).map(([name, text]) => ({ text, name: `$${name}` })),
    { text: ROOT, name: '$ROOT' },
    { text: describeActor(createPasswd()), name: 'root' },
  ]
  return async ({ command, input }) => {
    const now = new Date()
    const typed = input.map((line) => `${fill(line, now)}\n`).join('')
    const { status, stdout, stderr } = await runProgram('sh', ['-c', fill(command, now)], {
      env,
      input: typed,
    })
    return { status, stdout: mask(stdout, aliases), stderr: mask(stderr, aliases) }
  }
}

/** What stands in the transcripts as the secret of a hardware token. */
const TOKEN_SECRET_HEX = '00112233445566778899aabbccddeeff00112233'

/**
 * `{code}` and `{code TIME}`: what the app shows then; `{wrong}`: what it never shows; `{secret}`;
 * `{press N}`: what a token shows after N presses, and `{press8 N}` one of eight digits.
 */
function fill(text: string, now: Date): string {
  return text
    .replaceAll('{secret}', RFC_SECRET)
    .replaceAll('{wrong}', () => wrongAppCode(RFC_SECRET))
    .replace(/\{code(?: ([^}]+))?\}/g, (_, time?: string) => appCode(RFC_SECRET, time, now))
    .replace(/\{press(8?) (\d+)\}/g, (_, digits: string, counter: string) =>
      tokenCode(TOKEN_SECRET_HEX, Number(counter), digits === '' ? 6 : 8),
    )
}
