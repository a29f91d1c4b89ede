import { AppError } from '../../../src/base/errors.ts'
import { toUnixSeconds, type UnixSeconds } from '../../../src/base/time.ts'
import type { AccountState } from '../../../src/domain/account.ts'
import type { Outcome } from '../../../src/domain/change.ts'
import { ALICE, at } from '../sample.ts'
import { openFile } from './sqlite-file.ts'

/** What one process is told to do, so many times in a row. */
export interface Order {
  readonly path: string
  /**
   * `accept`: the same step of alice's device each time. `count`: one more failure each time. `stamp`:
   * records the time, and refuses one that is earlier than what another process has recorded.
   */
  readonly job: 'accept' | 'count' | 'stamp'
  readonly deviceId: string
  readonly times: number
}

function accept({ deviceId }: Order): Outcome<void> {
  return { changes: [{ kind: 'accept-step', deviceId, step: 7, at: at(7) }], result: undefined }
}

function count(state: AccountState): Outcome<void> {
  if (state.kind === 'never-known') throw new Error('alice is not there')
  const { code } = state.account.throttle
  const throttle = { ...code, consecutiveFailures: code.consecutiveFailures + 1 }
  return { changes: [{ kind: 'set-throttle', budget: 'code', throttle }], result: undefined }
}

function stamp(state: AccountState, now: UnixSeconds): Outcome<void> {
  const last = state.kind === 'known' ? state.account.lastLoginAt : undefined
  if (last !== undefined && last > now) throw new AppError('ERR_REFUSED', 'back in time')
  return { changes: [{ kind: 'record-login', at: now }], result: undefined }
}

/** Microseconds of a clock that all processes share: two steps seldom have the same. */
function now(): UnixSeconds {
  return toUnixSeconds(Number(process.hrtime.bigint() / 1000n))
}

/** `done`, or the code of the refusal, for each time. */
async function run(order: Order): Promise<readonly string[]> {
  const { store, close } = openFile(order.path, { now })
  const answers: string[] = []
  const jobs = { accept: () => accept(order), count, stamp }
  const step = jobs[order.job]
  for (let time = 0; time < order.times; time += 1) {
    const [settled] = await Promise.allSettled([store.transact(ALICE, step)])
    answers.push(settled.status === 'fulfilled' ? 'done' : String(settled.reason.code))
  }
  close()
  return answers
}

// Ready first: the others are waited for, so that all write at the same time.
process.once('message', (order: Order) => {
  void run(order).then((answers) => {
    process.send?.(answers)
    process.disconnect()
  })
})
process.send?.('ready')
