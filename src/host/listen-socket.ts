import { fstatSync, lstatSync, renameSync, rmSync, type Stats } from 'node:fs'
import { connect, type Server } from 'node:net'
import { dirname } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { trustedOwners } from './file-mode.ts'
import { findOpenDirectory, findUntrustedParent } from './trusted-path.ts'

/** The first descriptor that systemd hands over (SD_LISTEN_FDS_START). */
const FIRST_FD = 3
/** A storm of logins waits here, not at the clients, which would go the direct way. */
const BACKLOG = 4096
/** Leaves reading and writing to the owner. */
const SOCKET_UMASK = 0o177

/** What systemd tells a program that it starts for a socket (sd_listen_fds(3)). */
export interface ActivationEnvironment {
  readonly LISTEN_PID?: string | undefined
  readonly LISTEN_FDS?: string | undefined
}

/** Where to listen. */
export type ListenPlace =
  | { readonly kind: 'inherited'; readonly fd: number }
  | { readonly kind: 'path'; readonly path: string }

type ListenTarget = { readonly path: string } | { readonly fd: number }

/** A place that is listened on. */
export interface ListenSocket {
  /** Takes the path away, where it is still ours; before the server is closed. */
  release(): void
}

/**
 * The socket that systemd has handed to the process `pid`, else the path. Throws ERR_REFUSED where it
 * has handed over several.
 */
export function findListenPlace(
  { LISTEN_PID, LISTEN_FDS }: ActivationEnvironment,
  pid: number,
  path: string,
): ListenPlace {
  if (LISTEN_PID !== String(pid) || LISTEN_FDS === undefined) return { kind: 'path', path }
  if (LISTEN_FDS === '1') return { kind: 'inherited', fd: FIRST_FD }
  throw refused('exactly one socket has to be handed over', 'the unit needs one ListenStream=')
}

/**
 * Has the server listen, for the owner alone where we make the socket. Throws ERR_REFUSED where that
 * cannot be, where others than root and the caller could replace the socket, where the path is
 * taken by something that is no socket, and where somebody listens there already.
 */
export async function openListenSocket(server: Server, place: ListenPlace): Promise<ListenSocket> {
  if (place.kind === 'path') return await listenOnPath(server, place.path)
  await listenOnInherited(server, place.fd)
  return { release: () => {} }
}

async function listenOnInherited(server: Server, fd: number): Promise<void> {
  const shown = `descriptor ${fd}`
  const stats = attempt(`look at ${shown}`, () => fstatSync(fd))
  if (!stats.isSocket()) throw refused(`${shown} is no socket`)
  await listen(server, { fd }, shown)
  // Logins do not go over a network: of one, the server knows address and port.
  if (typeof server.address() !== 'object' || server.address() === null) return
  server.close()
  throw refused(`${shown} is no Unix socket`, 'the unit needs a path as its ListenStream=')
}

/**
 * Listens under a name beside the path first, and renames it. So of two that start at once only one gets
 * that name, a path that worked is never gone, and Node, which removes the name it has listened on
 * without asking whose it is by now, finds nothing.
 */
async function listenOnPath(server: Server, path: string): Promise<ListenSocket> {
  const shown = toPrintable(path)
  assertOwnDirectory(path)
  const beginning = `${path}.new`
  await takeName(server, beginning)
  try {
    await assertFree(path)
    return attempt(`listen on ${shown}`, () => {
      const own = lstatSync(beginning)
      renameSync(beginning, path)
      return { release: () => removeOwn(path, own) }
    })
  } catch (error) {
    server.close()
    throw error
  }
}

async function takeName(server: Server, name: string): Promise<void> {
  const isTaken = attempt(`look for ${toPrintable(name)}`, () => findEntry(name)) !== undefined
  if (isTaken) {
    await assertFree(name)
    rmSync(name, { force: true })
  }
  await listen(server, { path: name }, toPrintable(name))
}

/** Resolves where there is nothing, or a socket that nobody listens on any more. */
async function assertFree(path: string): Promise<void> {
  const shown = toPrintable(path)
  const entry = attempt(`look for ${shown}`, () => findEntry(path))
  if (entry === undefined) return
  if (!entry.isSocket()) throw refused(`${shown} is there and no socket`)
  const errno = await tryToConnect(path)
  if (errno === 'ECONNREFUSED' || errno === 'ENOENT') return
  throw refused(`somebody listens on ${shown} already`, 'stop the other otpgated first')
}

/** The name of the system error; `undefined`: it is answered. */
function tryToConnect(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.on('error', (error) => resolve(errnoOf(error) ?? 'unknown'))
  })
}

function assertOwnDirectory(path: string): void {
  const shown = `the directory of ${toPrintable(path)}`
  const entry = attempt(`look for ${shown}`, () => findEntry(dirname(path)))
  if (entry === undefined) {
    throw refused(`${shown} is not there`, 'make it, or start otpgated.socket, which makes it')
  }
  const flaw = attempt(
    `look at ${shown}`,
    () => findUntrustedParent(path, trustedOwners()) ?? findOpenDirectory(path),
  )
  if (flaw === undefined) return
  throw refused(`the socket would not be safe: ${flaw}`, 'use a directory that only root can write')
}

function listen(server: Server, where: ListenTarget, shown: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: unknown) => reject(failure(`listen on ${shown}`, cause))
    server.once('error', onError)
    // Node makes the socket before `listen` returns.
    const before = process.umask(SOCKET_UMASK)
    try {
      server.listen({ ...where, backlog: BACKLOG }, () => {
        server.removeListener('error', onError)
        resolve()
      })
    } finally {
      process.umask(before)
    }
  })
}

function findEntry(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

/** As long as we listen, no other socket can get our inode. */
function removeOwn(path: string, own: Stats): void {
  const entry = findEntry(path)
  if (entry?.ino === own.ino && entry.dev === own.dev) rmSync(path, { force: true })
}

function attempt<Result>(what: string, action: () => Result): Result {
  try {
    return action()
  } catch (cause) {
    throw failure(what, cause)
  }
}

function failure(what: string, cause: unknown): AppError {
  return new AppError('ERR_REFUSED', `cannot ${what} (${errnoOf(cause) ?? 'unknown'})`, { cause })
}

function refused(message: string, hint?: string): AppError {
  return new AppError('ERR_REFUSED', message, hint === undefined ? {} : { hint })
}
