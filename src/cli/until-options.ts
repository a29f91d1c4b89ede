import type { Command } from 'commander'
import { AppError } from '../base/errors.ts'
import { parseFuture } from '../base/point-in-time.ts'
import {
  addSeconds,
  formatDuration,
  formatTime,
  parseDuration,
  type UnixSeconds,
} from '../base/time.ts'
import { LONGEST_EXCUSE_SECONDS } from '../domain/override.ts'

/** How an admin says when something ends: `--for` or `--until`. */
export interface UntilOptions {
  readonly for?: string
  readonly until?: string
}

/** The options of every command that lets somebody in without a code for a while. */
export function withUntilOptions(command: Command): Command {
  return command
    .option('--for <duration>', 'how long, such as 4h or 7d')
    .option('--until <when>', 'until this UTC date, its first second, or UTC time')
}

/**
 * When somebody's login without a code ends. Throws ERR_USAGE unless there is exactly one of the two,
 * in the future, and within LONGEST_EXCUSE_SECONDS: a date that nobody lives to see is no date.
 */
export function readUntil(options: UntilOptions, now: UnixSeconds): UnixSeconds {
  const until = readEnd(options, now)
  if (until <= now) {
    throw new AppError('ERR_USAGE', 'that ends at once', { hint: 'such as --for 4h, or --for 7d' })
  }
  if (until <= addSeconds(now, LONGEST_EXCUSE_SECONDS)) return until
  throw tooFar(formatTime(until))
}

function tooFar(end: string): AppError {
  return new AppError('ERR_USAGE', `${end} is more than a year ahead`, {
    hint: 'choose a nearer date; who is never to be asked belongs in a rule of otpgate.toml',
  })
}

function readEnd({ for: duration, until }: UntilOptions, now: UnixSeconds): UnixSeconds {
  if (duration !== undefined && until === undefined) {
    const seconds = parseDuration(duration)
    // Said as it was typed: there may be no such date.
    if (seconds > LONGEST_EXCUSE_SECONDS) throw tooFar(formatDuration(seconds))
    return addSeconds(now, seconds)
  }
  if (until !== undefined && duration === undefined) return parseFuture(until, now)
  throw new AppError('ERR_USAGE', 'until when is not clear', {
    hint: 'give one of --for 7d and --until 2026-12-24',
  })
}
