import { chmodSync, chownSync } from 'node:fs'

/** `nobody`, on every Linux. */
const ORDINARY_ID = 65_534

/** Runs `action` with the rights of an ordinary user also where the tests run as root. */
export async function asOrdinaryUser<T>(action: () => Promise<T> | T): Promise<T> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(ORDINARY_ID)
  try {
    return await action()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

/** Makes the ordinary user the owner, where the tests run as root, and sets the mode. */
export function giveToOrdinaryUser(path: string, mode: number): void {
  if (process.geteuid?.() === 0) chownSync(path, ORDINARY_ID, ORDINARY_ID)
  chmodSync(path, mode)
}
