import { fileIdentity } from '../host/path.ts'
import { assertTrustedStore, type Config, type Ports } from '../wire.ts'

/** Key and database, open once for many logins. */
export interface SharedPorts {
  /**
   * The ports for one login, whose `close` gives them back. Looks each time whether the database is
   * still the one that is open, and still in trusted hands. Throws ERR_KEY_* and ERR_STORE_*.
   */
  borrow(config: Config): Ports
  /** Closes them, when the last login has given them back. */
  close(): void
}

/** What is open, and how many use it. */
interface Opened {
  readonly ports: Ports
  readonly place: string
  users: number
  isRetired: boolean
}

/** How long nobody logs in before the write-ahead log is emptied. */
const IDLE_MILLISECONDS = 2000

/**
 * Opens at the first login, and anew where another file has taken the database's place. While nobody
 * logs in, all that was written is in the main file, as without a daemon: a copy of it is whole, and
 * one that is put back meets no log of another.
 */
export function createSharedPorts(
  open: (config: Config) => Ports,
  idleMilliseconds = IDLE_MILLISECONDS,
): SharedPorts {
  let current: Opened | undefined
  let idle: NodeJS.Timeout | undefined

  function retire(): void {
    clearTimeout(idle)
    if (current === undefined) return
    current.isRetired = true
    endIfUnused(current)
    current = undefined
  }

  function giveBack(opened: Opened): void {
    opened.users -= 1
    endIfUnused(opened)
    if (opened !== current || opened.users > 0) return
    clearTimeout(idle)
    idle = setTimeout(() => void settle(opened), idleMilliseconds).unref()
  }

  return {
    borrow(config) {
      const place = placeOf(config)
      if (current !== undefined && current.place !== place) retire()
      assertTrustedStore(config)
      const opened = current ?? { ports: open(config), place, users: 0, isRetired: false }
      current = opened
      opened.users += 1
      return { ...opened.ports, close: () => giveBack(opened) }
    },
    close: retire,
  }
}

/** Another time will do, where somebody is in the way or the disk is full: the next login tells. */
async function settle({ ports, users, isRetired }: Opened): Promise<void> {
  if (isRetired || users > 0) return
  try {
    await ports.upkeep.checkpoint()
  } catch {
    // What is in the log stays in the log.
  }
}

function endIfUnused({ ports, users, isRetired }: Opened): void {
  if (isRetired && users === 0) ports.close()
}

/** Names the very file: a restored database has the same path and is another one. */
function placeOf({ store: { path, keyFile } }: Config): string {
  return [path, keyFile, fileIdentity(path)].join('\n')
}
