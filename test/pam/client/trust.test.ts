import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { WENT_DIRECT } from './client-bench.ts'
import { describeClient } from './describe-client.ts'
import { answering, type FakeDaemon, startFakeDaemon } from './fake-daemon.ts'

const NOBODY = 65534
const SOMEBODY = 65533

/** A directory of root's above another one, both closed to others, and a socket in that. */
interface Place {
  readonly top: string
  readonly last: string
  readonly socket: string
}

interface PathCase {
  readonly what: string
  /** May return another path to be used. */
  readonly change: (place: Place) => unknown
}

const TRUSTED: readonly PathCase[] = [
  { what: 'as it should be', change: () => undefined },
  {
    what: 'in a directory that only root can enter',
    change: ({ last }) => chmodSync(last, 0o700),
  },
  { what: 'that belongs to the service', change: ({ socket }) => give(socket) },
  {
    what: 'in a directory of the service',
    change: ({ last, socket }) => [give(last), give(socket)],
  },
  { what: "in root's directory below a sticky one", change: ({ top }) => chmodSync(top, 0o1777) },
  {
    what: 'with slashes too many in its path',
    change: ({ top }) => `${top}//last///sock`,
  },
]

const NOT_TRUSTED: readonly PathCase[] = [
  {
    what: 'in a directory that anybody can write to',
    change: ({ last }) => chmodSync(last, 0o777),
  },
  {
    what: 'in a directory that a group can write to',
    change: ({ last }) => chmodSync(last, 0o770),
  },
  { what: 'in a sticky directory', change: ({ last }) => chmodSync(last, 0o1777) },
  {
    what: 'below a directory that anybody can write to',
    change: ({ top }) => chmodSync(top, 0o777),
  },
  {
    what: 'below a directory that a group can write to',
    change: ({ top }) => chmodSync(top, 0o775),
  },
  { what: "in somebody's directory", change: ({ last }) => give(last) },
  {
    what: "in somebody's directory, and of the service",
    change: ({ last, socket }) => [give(last), give(socket, SOMEBODY)],
  },
  { what: "below somebody's directory", change: ({ top }) => give(top) },
  {
    what: 'of the service, two directories below its own',
    change: ({ top, socket }) => [give(top), give(socket)],
  },
  {
    what: "in a stranger's directory below a sticky one",
    change: ({ top, last, socket }) => [chmodSync(top, 0o1777), give(last), give(socket)],
  },
  { what: 'that anybody can write to', change: ({ socket }) => chmodSync(socket, 0o666) },
  { what: 'that a group can write to', change: ({ socket }) => chmodSync(socket, 0o620) },
  { what: 'that is a link', change: ({ last, socket }) => link(socket, join(last, 'link')) },
  {
    what: 'behind a link',
    change: ({ top, last }) => join(link(last, join(top, 'link')), 'sock'),
  },
  {
    what: 'that is a file',
    change: ({ last }) => {
      writeFileSync(join(last, 'file'), 'OTPG')
      return join(last, 'file')
    },
  },
  { what: 'that is a directory', change: ({ last }) => last },
  { what: 'that is not there', change: ({ last }) => join(last, 'gone') },
  { what: 'below a file', change: ({ socket }) => join(socket, 'sock') },
  {
    what: 'with a path longer than a socket can have',
    change: ({ last }) => `${last}${'/.'.repeat(60)}/sock`,
  },
  { what: 'with a path that is not absolute', change: () => 'sock' },
]

/** Listens as another user, and says yes to all. */
const STRANGER = `
const { createServer } = require('node:net')
process.setgid(${NOBODY})
process.setuid(${NOBODY})
createServer((peer) => peer.on('data', (request) => {
  const answer = Buffer.from(request.subarray(0, 24))
  answer.write('Y', 5)
  answer.writeUInt16BE(16, 6)
  peer.end(answer)
})).listen(process.argv[1], () => console.log('ready'))
`

describeClient('a socket', (suite) => {
  const places: string[] = []
  const daemons: FakeDaemon[] = []

  afterEach(async () => {
    for (const daemon of daemons.splice(0)) await daemon.close()
    for (const place of places.splice(0)) rmSync(place, { recursive: true, force: true })
  })

  /** Whoever listens there says yes. */
  async function makePlace(): Promise<Place> {
    const top = join(suite().directory, 'top')
    const last = join(top, 'last')
    const socket = join(last, 'sock')
    places.push(top)
    mkdirSync(last, { recursive: true, mode: 0o755 })
    daemons.push(await startFakeDaemon(socket, answering()))
    chmodSync(socket, 0o600)
    return { top, last, socket }
  }

  async function login(socket: string, uid?: number): Promise<number | null> {
    const user = uid === undefined ? {} : { uid }
    return (await suite().run({ args: ['--socket', socket], ...user })).status
  }

  async function statusAfter({ change }: PathCase): Promise<number | null> {
    const place = await makePlace()
    const changed = change(place)
    return await login(typeof changed === 'string' ? changed : place.socket)
  }

  test.each(TRUSTED)('$what is trusted', async (path) => {
    expect(await statusAfter(path)).toBe(0)
  })

  test.each(NOT_TRUSTED)('$what is not trusted', async (path) => {
    expect(await statusAfter(path)).toBe(WENT_DIRECT)
  })

  test('is of use to an ordinary user in a directory of theirs, and to no other', async () => {
    const { last, socket } = await makePlace()
    give(last)
    give(socket)
    expect(await login(socket, NOBODY)).toBe(0)
    give(last, SOMEBODY)
    chmodSync(socket, 0o600)
    expect(await login(socket, NOBODY)).not.toBe(0)
  })

  test.each([
    { what: 'is not believed where it looks like one of root', owner: 0, status: WENT_DIRECT },
    { what: 'is the service where the socket is of the same user', owner: NOBODY, status: 0 },
  ])('behind which another user listens $what', async ({ owner, status }) => {
    const { last } = await makePlace()
    const directory = join(last, 'theirs')
    const socket = join(directory, 'sock')
    mkdirSync(directory)
    give(directory)
    const child = spawn(process.execPath, ['-e', STRANGER, socket], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(child.stdout, 'data')
      give(directory, 0)
      give(socket, owner)
      chmodSync(socket, 0o600)
      expect(await login(socket)).toBe(status)
    } finally {
      child.kill('SIGKILL')
    }
  })
})

function give(path: string, uid = NOBODY): void {
  chownSync(path, uid, uid)
}

function link(target: string, path: string): string {
  symlinkSync(target, path)
  return path
}
