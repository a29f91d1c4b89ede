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

/** Opens at the first login, and anew where another file has taken the database's place. */
export function createSharedPorts(open: (config: Config) => Ports): SharedPorts {
  let current: Opened | undefined

  function retire(): void {
    if (current === undefined) return
    current.isRetired = true
    endIfUnused(current)
    current = undefined
  }

  return {
    borrow(config) {
      const place = placeOf(config)
      if (current !== undefined && current.place !== place) retire()
      assertTrustedStore(config)
      current ??= { ports: open(config), place, users: 0, isRetired: false }
      return lend(current)
    },
    close: retire,
  }
}

function lend(opened: Opened): Ports {
  opened.users += 1
  return {
    ...opened.ports,
    close: () => {
      opened.users -= 1
      endIfUnused(opened)
    },
  }
}

function endIfUnused({ ports, users, isRetired }: Opened): void {
  if (isRetired && users === 0) ports.close()
}

/** Names the very file: a restored database has the same path and is another one. */
function placeOf({ store: { path, keyFile } }: Config): string {
  return [path, keyFile, fileIdentity(path)].join('\n')
}
