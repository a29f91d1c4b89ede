import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

/** Of this program, where it runs on a private machine already. */
const INSIDE = '--inside'

/** Everybody below it is root's: the client of the daemon believes no other place. In memory. */
export const PRIVATE_ROOT = '/mnt'

/**
 * Hundreds of people and their PAM services are only for this run: /etc is a copy in memory, seen by
 * nobody else and gone with the last process, however that ends.
 */
const MOUNT = `mount -t tmpfs -o mode=755 tmpfs ${PRIVATE_ROOT} &&
  cp -a /etc ${PRIVATE_ROOT}/etc && mount --bind ${PRIVATE_ROOT}/etc /etc && exec "$@"`

/** Starts this program again, in this process, on a private machine. Needs root; returns never. */
export function enterPrivateMachine(args: readonly string[]): never {
  const unshare = ['unshare', '--mount', '--propagation', 'private']
  const again = ['/bin/sh', '-c', MOUNT, 'sh', process.execPath, MAIN, ...args, INSIDE]
  if (process.execve === undefined) throw new Error('this Node cannot replace itself')
  // Its own warning that execve is an experiment would stand above the result.
  process.removeAllListeners('warning')
  return process.execve('/usr/bin/unshare', [...unshare, ...again], process.env)
}
