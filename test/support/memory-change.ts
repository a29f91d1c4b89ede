import { AppError } from '../../src/base/errors.ts'
import type { AccountState, KnownAccount } from '../../src/domain/account.ts'
import type { Change } from '../../src/domain/change.ts'
import type { AccountName } from '../../src/domain/name.ts'
import { isSpendable } from '../../src/domain/one-time-code.ts'
import { FRESH_THROTTLE } from '../../src/domain/throttle.ts'

/** The state after all of `changes`; throws ERR_STORE_FAILED where one of them meets no row. */
export function applyChanges(
  state: AccountState,
  name: AccountName,
  changes: readonly Change[],
): AccountState {
  return changes.reduce((before, change) => applyChange(before, name, change), state)
}

function applyChange(state: AccountState, name: AccountName, change: Change): AccountState {
  switch (change.kind) {
    case 'append-audit':
    case 'count-denial':
      return state
    case 'put-ticket': {
      const others = state.tickets.filter(
        ({ connection, expiresAt }) =>
          connection !== change.ticket.connection && expiresAt > change.at,
      )
      return { ...state, tickets: [...others, change.ticket] }
    }
    case 'consume-ticket': {
      const isIt = ({ connection }: { connection: string }) => connection === change.connection
      return { ...state, tickets: removeOne(state.tickets, isIt) }
    }
    case 'create-account':
      return createAccount(state, name, change)
    default:
      if (state.kind === 'known') return changeKnown(state, change)
      throw new AppError('ERR_STORE_FAILED', `${change.kind} changed 0 rows, not one`)
  }
}

function createAccount(
  state: AccountState,
  name: AccountName,
  { uid, at }: Extract<Change, { kind: 'create-account' }>,
): KnownAccount {
  if (state.kind === 'known') throw new AppError('ERR_STORE_FAILED', 'the account is there')
  const throttle = { code: FRESH_THROTTLE, oneTimeCode: FRESH_THROTTLE }
  const account = { name, uid, throttle, createdAt: at, override: undefined }
  return {
    kind: 'known',
    account: { ...account, lastLoginAt: undefined },
    devices: [],
    oneTimeCodes: [],
    tickets: state.tickets,
  }
}

type KnownChange = Exclude<
  Change,
  { kind: 'append-audit' | 'count-denial' | 'put-ticket' | 'consume-ticket' | 'create-account' }
>

function changeKnown(state: KnownAccount, change: KnownChange): KnownAccount {
  const { account, devices, oneTimeCodes } = state
  switch (change.kind) {
    case 'set-uid':
      return { ...state, account: { ...account, uid: change.uid } }
    case 'set-override':
      return { ...state, account: { ...account, override: change.override } }
    case 'set-throttle': {
      const throttle = { ...account.throttle, [change.budget]: change.throttle }
      return { ...state, account: { ...account, throttle } }
    }
    case 'record-login':
      return { ...state, account: { ...account, lastLoginAt: change.at } }
    case 'add-device':
      return { ...state, devices: [...devices, change.device] }
    case 'remove-device':
      return { ...state, devices: removeOne(devices, ({ id }) => id === change.deviceId) }
    case 'confirm-device': {
      const confirmed = { confirmedAt: change.at, countsUnconfirmed: false }
      return {
        ...state,
        devices: updateOne(devices, ({ id }) => id === change.deviceId, confirmed),
      }
    }
    case 'accept-step': {
      const { deviceId, step, at } = change
      const mayAccept = (device: (typeof devices)[number]) =>
        device.id === deviceId && (device.lastAcceptedStep ?? -1) < step
      const used = { lastAcceptedStep: step, lastUsedAt: at }
      return { ...state, devices: updateOne(devices, mayAccept, used) }
    }
    case 'add-one-time-code':
      return { ...state, oneTimeCodes: [...oneTimeCodes, change.code] }
    case 'remove-one-time-codes':
      return { ...state, oneTimeCodes: oneTimeCodes.filter(({ kind }) => kind !== change.of) }
    case 'consume-one-time-code': {
      const { codeId, at } = change
      const usesLeft = (oneTimeCodes.find(({ id }) => id === codeId)?.usesLeft ?? 0) - 1
      const maySpend = (code: (typeof oneTimeCodes)[number]) =>
        code.id === codeId && isSpendable(code, at)
      const used = { usesLeft, lastUsedAt: at }
      return { ...state, oneTimeCodes: updateOne(oneTimeCodes, maySpend, used) }
    }
  }
}

function updateOne<T>(rows: readonly T[], isIt: (row: T) => boolean, fields: Partial<T>): T[] {
  expectOne(rows, isIt)
  return rows.map((row) => (isIt(row) ? { ...row, ...fields } : row))
}

function removeOne<T>(rows: readonly T[], isIt: (row: T) => boolean): T[] {
  expectOne(rows, isIt)
  return rows.filter((row) => !isIt(row))
}

function expectOne<T>(rows: readonly T[], isIt: (row: T) => boolean): void {
  const met = rows.filter(isIt).length
  if (met !== 1) throw new AppError('ERR_STORE_FAILED', `changed ${met} rows, not one`)
}
