import type { Passwd } from '../app/ports.ts'
import { cacheEntries } from './cached-entries.ts'
import { type GetentAnswer, type GetentRequest, startGetent } from './getent.ts'
import { createPasswd, type PasswdPlaces, PLACES } from './passwd.ts'
import { GROUP_LINE, PASSWD_LINE } from './passwd-line.ts'

/** Looks up, while others may go on, whatever `look` asks for; the database then knows it at once. */
export type LookAhead = (look: (passwd: Passwd) => unknown) => Promise<Passwd>

/** Processes of getent(1): a storm of logins must not take all that a service may have. */
const GETENT_AT_ONCE = 32

/** How a look-up went. */
type Asked = { readonly answer: GetentAnswer } | { readonly error: unknown }

/** A look-up that would hold up everybody else. */
class NotAskedYet extends Error {
  readonly request: GetentRequest

  constructor(request: GetentRequest) {
    super('nobody has asked for it yet')
    this.request = request
  }
}

/**
 * The passwd database for a process that serves many logins at once. Its look-ups are synchronous, and
 * one that goes through getent(1) takes milliseconds, or seconds where a directory hangs. So `look` is
 * run again and again, each time up to the next thing that it has to ask for.
 */
export function createLookAhead(places: Partial<PasswdPlaces> = {}): LookAhead {
  const { passwdFile, groupFile } = { ...PLACES, ...places }
  const readPasswd = cacheEntries(passwdFile, PASSWD_LINE)
  const readGroup = cacheEntries(groupFile, GROUP_LINE)
  const inTurn = limitConcurrency(GETENT_AT_ONCE)
  return async (look) => {
    const asked = new Map<string, Asked>()
    const askGetent = (request: GetentRequest) => recall(asked, request)
    const passwd = createPasswd(places, { askGetent, readPasswd, readGroup })
    for (;;) {
      const missing = findMissing(() => look(passwd))
      if (missing === undefined) return passwd
      asked.set(nameOf(missing), await inTurn(() => ask(missing)))
    }
  }
}

/** What `look` could not do without; whatever else stops it will stop the login as well. */
function findMissing(look: () => unknown): GetentRequest | undefined {
  try {
    look()
  } catch (error) {
    if (error instanceof NotAskedYet) return error.request
  }
  return undefined
}

function recall(asked: ReadonlyMap<string, Asked>, request: GetentRequest): GetentAnswer {
  const found = asked.get(nameOf(request))
  if (found === undefined) throw new NotAskedYet(request)
  if ('error' in found) throw found.error
  return found.answer
}

/** Runs at most so many at once; the others wait their turn. */
function limitConcurrency(most: number): <T>(act: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (act) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
    try {
      return await act()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }
}

async function ask(request: GetentRequest): Promise<Asked> {
  try {
    return { answer: await startGetent(request) }
  } catch (error) {
    return { error }
  }
}

function nameOf({ database, key }: GetentRequest): string {
  return key === undefined ? database : `${database} ${key}`
}
