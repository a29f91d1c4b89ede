import { AppError } from '../../src/base/errors.ts'
import { laterOf, type UnixSeconds } from '../../src/base/time.ts'
import type { Account, AccountState, KnownAccount } from '../../src/domain/account.ts'
import type { Change } from '../../src/domain/change.ts'
import { isUsable } from '../../src/domain/device.ts'
import { KNOWN_SOURCES, type SourceKey } from '../../src/domain/known-source.ts'
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
    case 'keep-answer':
    case 'keep-charge':
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
    case 'remove-account':
      if (state.kind === 'known') return { kind: 'never-known', tickets: [] }
      throw new AppError('ERR_STORE_FAILED', 'remove-account changed 0 rows, not one')
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
  const fresh = FRESH_THROTTLE
  const throttle = { code: fresh, oneTimeCode: fresh, knownSource: fresh, local: fresh }
  const account = { name, uid, throttle, createdAt: at, override: undefined }
  return {
    kind: 'known',
    account: { ...account, enrolledAt: undefined, lastLoginAt: undefined },
    devices: [],
    oneTimeCodes: [],
    sources: [],
    tickets: state.tickets,
  }
}

type KnownChange = Exclude<
  Change,
  {
    kind:
      | 'append-audit'
      | 'count-denial'
      | 'keep-answer'
      | 'keep-charge'
      | 'put-ticket'
      | 'consume-ticket'
      | 'create-account'
      | 'remove-account'
  }
>

function changeKnown(state: KnownAccount, change: KnownChange): KnownAccount {
  const { account, devices, oneTimeCodes, sources } = state
  const isIt = (row: { readonly id: string }) => 'deviceId' in change && row.id === change.deviceId
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
      return { ...state, account: { ...account, lastLoginAt: latest(account, change.at) } }
    case 'add-device':
      expectNone(
        devices,
        ({ id, label }) => id === change.device.id || label === change.device.label,
      )
      return {
        ...state,
        account: isUsable(change.device)
          ? enrolled(account, change.device.confirmedAt ?? change.device.createdAt)
          : account,
        devices: [...devices, change.device],
      }
    case 'remove-device':
      return { ...state, devices: removeOne(devices, isIt) }
    case 'confirm-device': {
      const confirmed = { confirmedAt: change.at, countsUnconfirmed: false }
      return {
        ...state,
        account: enrolled(account, change.at),
        devices: updateOne(devices, isIt, confirmed),
      }
    }
    case 'set-drift': {
      const { driftSeconds } = change
      expectOne(devices, (device) => isIt(device) && device.kind === 'totp')
      return {
        ...state,
        devices: devices.map((device) =>
          isIt(device) && device.kind === 'totp' ? { ...device, driftSeconds } : device,
        ),
      }
    }
    case 'move-mark':
      return { ...state, devices: updateOne(devices, isIt, { lastAcceptedStep: change.step }) }
    case 'rename-device':
      expectNone(devices, (device) => !isIt(device) && device.label === change.label)
      return { ...state, devices: updateOne(devices, isIt, { label: change.label }) }
    case 'reseal-device': {
      const { sealedSecret, keyId } = change
      return { ...state, devices: updateOne(devices, isIt, { sealedSecret, keyId }) }
    }
    case 'accept-step': {
      const { deviceId, step, at } = change
      const mayAccept = (device: (typeof devices)[number]) =>
        device.id === deviceId && (device.lastAcceptedStep ?? -1) < step
      const used = { lastAcceptedStep: step, lastUsedAt: at }
      return { ...state, devices: updateOne(devices, mayAccept, used) }
    }
    case 'add-one-time-code':
      expectNone(
        oneTimeCodes,
        ({ id, selector }) => id === change.code.id || selector === change.code.selector,
      )
      return { ...state, oneTimeCodes: [...oneTimeCodes, change.code] }
    case 'remove-one-time-code':
      return { ...state, oneTimeCodes: removeOne(oneTimeCodes, ({ id }) => id === change.codeId) }
    case 'put-source': {
      const others = sources.filter((source) => !isSameSource(source, change.source))
      const newest = [change.source, ...others].sort((a, b) => b.lastSuccessAt - a.lastSuccessAt)
      return { ...state, sources: newest.slice(0, KNOWN_SOURCES) }
    }
    case 'remove-source':
      return {
        ...state,
        sources: removeOne(sources, (source) => isSameSource(source, change.source)),
      }
    case 'remove-sources':
      return { ...state, sources: [] }
    case 'unremember-sources':
      return {
        ...state,
        sources: sources.map((source) => ({ ...source, rememberedAt: undefined })),
      }
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

function latest({ lastLoginAt }: Account, at: UnixSeconds): UnixSeconds {
  return lastLoginAt === undefined ? at : laterOf(lastLoginAt, at)
}

function enrolled(account: Account, at: UnixSeconds): Account {
  return { ...account, enrolledAt: account.enrolledAt ?? at }
}

function isSameSource(a: SourceKey, b: SourceKey): boolean {
  return a.network === b.network && a.firstFactor === b.firstFactor
}

function updateOne<T>(rows: readonly T[], isIt: (row: T) => boolean, fields: Partial<T>): T[] {
  expectOne(rows, isIt)
  return rows.map((row) => (isIt(row) ? { ...row, ...fields } : row))
}

function removeOne<T>(rows: readonly T[], isIt: (row: T) => boolean): T[] {
  expectOne(rows, isIt)
  return rows.filter((row) => !isIt(row))
}

function expectNone<T>(rows: readonly T[], isIt: (row: T) => boolean): void {
  if (rows.some(isIt)) throw new AppError('ERR_STORE_FAILED', 'there is such a row already')
}

function expectOne<T>(rows: readonly T[], isIt: (row: T) => boolean): void {
  const met = rows.filter(isIt).length
  if (met !== 1) throw new AppError('ERR_STORE_FAILED', `changed ${met} rows, not one`)
}
