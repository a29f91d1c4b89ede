import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Otpgate, OtpgateHost } from './otpgate-host.ts'
import { type ProgramResult, runProgram } from './run-program.ts'

/** An otpgate whose programs see another time than the machine; what it is, is set between logins. */
export interface MovedClock {
  /** The same otpgate, by launchers under faketime(1). */
  readonly otpgate: Otpgate
  /** Seconds since 1970, as its programs see them. */
  now(): number
  /** So many seconds ahead of the machine. */
  move(seconds: number): void
  /** To the next time at which a step of so many seconds has just begun, and `into` seconds further. */
  moveIntoStep(periodSeconds: number, into: number): void
}

/** Launchers like those of bin/, which start Node by a clock that a file moves. */
export function moveClockOf(host: OtpgateHost, otpgate: Otpgate): MovedClock {
  const offsetFile = join(dirname(otpgate.configFile), 'offset')
  const [verifier, ...fixed] = otpgate.verifier
  const launch = (name: string) => {
    const program = join(dirname(verifier), name)
    return host.writeProgram(`moved-${basename(name)}`, underFaketime(program, offsetFile))
  }
  const command = launch('otpgate')
  let moved = 0
  const now = () => Math.floor(Date.now() / 1000) + moved
  const move = (seconds: number) => {
    moved = seconds
    writeFileSync(offsetFile, `${seconds < 0 ? '' : '+'}${seconds}s`)
  }
  const run = (args: readonly string[], input = ''): Promise<ProgramResult> =>
    runProgram(command, [...fixed, ...args], { input })
  move(0)
  return {
    otpgate: { ...otpgate, verifier: [launch('otpgate-verify'), ...fixed], run },
    now,
    move,
    moveIntoStep: (periodSeconds, into) =>
      move(moved + periodSeconds - (now() % periodSeconds) + into),
  }
}

/** Past the launcher no variable gets through, so faketime has to start Node itself. */
function underFaketime(program: string, offsetFile: string): string {
  const text = readFileSync(program, 'utf8')
    .replace(/^root=.*$/m, `root=${join(dirname(program), '..')}`)
    .replace('[ ! -L "$0" ]', ':')
  const start = '"$node" --disable-sigusr1'
  if (!text.includes(start)) throw new Error(`${program} starts Node in another way`)
  return text.replace(start, `/usr/bin/faketime -f "$(/bin/cat ${offsetFile})" ${start}`)
}
