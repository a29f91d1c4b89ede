import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAEMON_PROGRAM } from '../support/daemon-front.ts'
import {
  codeOf,
  type EnrolledPerson,
  enrollPerson,
  steadyPeriodSeconds,
} from '../support/enrolled-person.ts'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import {
  COMMAND_LINE,
  IS_DAEMON_FRONT,
  type Otpgate,
  type OtpgateHost,
  openOtpgateHost,
} from '../support/otpgate-host.ts'
import { startPrivateSyslog } from '../support/private-syslog.ts'
import { runProgram } from '../support/run-program.ts'
import { describeTree, expectAccepted, runLogged } from './broken-host.ts'
import { MODES } from './stored-alice.ts'

const STORE = 5

interface BrokenDisk {
  readonly what: string
  /** Lines of sh before the program, in a mount namespace of its own. `$data`: where the database is. */
  readonly before?: string
  /** What the program is run under. */
  readonly under?: string
  /** `--excused` only reads, and may not notice: then it denies as it always does. */
  readonly code: string
}

const DISKS: readonly BrokenDisk[] = [
  {
    what: 'file system is read-only',
    before: 'mount --bind $data $data; mount -o remount,bind,ro $data',
    code: 'ERR_STORE_PERMISSION',
  },
  {
    what: 'file is read-only',
    before:
      'mount --bind $data/otpgate.db $data/otpgate.db; mount -o remount,bind,ro $data/otpgate.db',
    code: 'ERR_STORE_PERMISSION',
  },
  {
    what: 'disk is full',
    before: fillDisk(''),
    code: 'ERR_STORE_FULL',
  },
  {
    what: 'disk has room for little more than the index of the log',
    before: fillDisk('truncate -s -40960 $data/fill'),
    code: 'ERR_STORE_FULL',
  },
  {
    what: 'disk fails to sync the log',
    under: inject('fsync,fdatasync', 'EIO', 'otpgate.db-wal'),
    code: 'ERR_STORE_FAILED',
  },
  {
    what: 'disk fails at a write to the log',
    under: inject('pwrite64,write', 'EIO', 'otpgate.db-wal'),
    code: 'ERR_STORE_FAILED',
  },
  {
    what: 'disk says at a write to the log that it is full',
    under: inject('pwrite64,write', 'ENOSPC', 'otpgate.db-wal'),
    code: 'ERR_STORE_FULL',
  },
  {
    what: 'disk fails at a read of the database',
    under: inject('pread64,read', 'EIO', 'otpgate.db'),
    code: 'ERR_STORE_FAILED',
  },
]

/** The database in a file system of 256 KiB without a free block; `free` gives some back. */
function fillDisk(free: string): string {
  return `cp -a $data $data.copy
mount -t tmpfs -o size=256k,mode=0700 tmpfs $data
cp -a $data.copy/otpgate.db $data/
rm -r $data.copy
dd if=/dev/zero of=$data/fill bs=4096 2>/dev/null || :
${free}`
}

/** What these calls do to one file of the database fails, and nothing else. */
function inject(calls: string, error: string, file: string): string {
  const what = `-e trace=${calls} -e inject=${calls}:error=${error}`
  return `strace -f -q -o /dev/null -P $data/${file} ${what}`
}

/** Where the daemon alone may not write, the direct verifier stands in. */
const DISKS_HERE = DISKS.filter(({ code }) => !IS_DAEMON_FRONT || code !== 'ERR_STORE_PERMISSION')

/** The program keeps the process that it is started in: a daemon is ended by its id. */
function asTracee({ under = '', ...disk }: BrokenDisk): BrokenDisk {
  return { ...disk, under: under.replace('strace ', 'strace -D ') }
}

const canInject = () => canRunEndToEnd() && canRunWith('tests of a broken disk', ['strace'])

describe.skipIf(!canInject())('the right code is denied where the', () => {
  let host: OtpgateHost
  let otpgate: Otpgate
  let data: string

  beforeAll(async () => {
    host = openOtpgateHost()
    otpgate = await host.install()
    data = dirname(otpgate.databaseFile)
  })

  afterAll(() => host?.close())

  /** A program that breaks the disk for `program` alone. */
  function breakFor(
    name: string,
    { before = '', under = '' }: BrokenDisk,
    program: string,
  ): string {
    return host.writeProgram(
      name,
      `#!/bin/sh\nset -e\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\ndata=${data}\n${before}\nexec ${under} ${program} "$@"\n`,
    )
  }

  /** Whatever it mounts, it mounts for itself. */
  function alone(name: string, program: string): string {
    const unshare = '/usr/bin/unshare --mount --propagation private'
    return host.writeProgram(name, `#!/bin/sh\nexec ${unshare} ${program} "$@"\n`)
  }

  async function enroll(): Promise<EnrolledPerson> {
    return enrollPerson(otpgate, host.addUser(), { periodSeconds: steadyPeriodSeconds() })
  }

  test.each(DISKS_HERE)('$what, and works once it is mended', async (disk) => {
    const person = await enroll()
    const [program, ...fixed] = otpgate.verifier
    const { daemon } = otpgate
    daemon?.stop()
    daemon?.start(alone('broken-daemon', breakFor('daemon-on-it', asTracee(disk), DAEMON_PROGRAM)))
    const verifier = daemon ? program : breakFor('broken-verifier', disk, program)
    const syslog = await startPrivateSyslog(host, { ...otpgate, verifier: [verifier, ...fixed] })
    try {
      for (const args of MODES) {
        const answer = await runLogged(syslog, otpgate, person, args, codeOf(person.app))
        const logged = [expect.stringContaining(` reason=${disk.code} `)]
        const isSilent = args[0] === '--excused' && answer.logged.length === 0
        expect({ args, ...answer }).toMatchObject({
          args,
          status: 1,
          logged: isSilent ? [] : logged,
        })
      }
    } finally {
      syslog.close()
      daemon?.stop('SIGKILL')
      daemon?.start()
    }
    await expectCommandFails(disk, person)
    await expectWorks(person)
  })

  async function expectCommandFails(disk: BrokenDisk, { name }: EnrolledPerson): Promise<void> {
    const program = breakFor('broken-command', disk, COMMAND_LINE)
    const args = ['--config', otpgate.configFile, 'reset', name, '--yes']
    const namespace = ['--mount', '--propagation', 'private', program]
    const { status, stderr } = await runProgram('unshare', [...namespace, ...args])
    expect({ status, stderr }).toEqual({
      status: STORE,
      stderr: expect.stringMatching(/^otpgate: /),
    })
    expect(describeTree(data, (name) => !name.includes('otpgate.db'))).toEqual([])
  }

  /** The very code that was refused: none of it has been saved. */
  async function expectWorks(person: EnrolledPerson): Promise<void> {
    const syslog = await startPrivateSyslog(host, otpgate)
    const verify = (args: readonly string[], answer: string) =>
      runLogged(syslog, otpgate, person, args, answer)
    try {
      await expectAccepted(verify, person)
      expect(await otpgate.require(['audit', 'verify'])).toBeDefined()
    } finally {
      syslog.close()
    }
  }
})
