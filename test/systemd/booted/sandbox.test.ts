import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requireTool } from '../../support/run-tool.ts'
import { readUnit } from '../unit-tree.ts'
import { describeBooted } from './describe-booted.ts'
import { propertyOf, systemctl } from './unit-control.ts'

const UNIT = '/run/systemd/system/otpgate-probe.service'
const PROBE = new URL('sandbox-probe.ts', import.meta.url).pathname
const NODE = `/usr/lib/otpgate/node_modules/node-linux-${process.arch}/bin/node`
const STATE = '/var/lib/otpgate'
const RESULT = `${STATE}/probe.json`
/** A user of no file: only process 1 knows it, and says so on a socket. */
const DYNAMIC = 'otpgate-dynamic'

describeBooted('the sandbox of otpgated', () => {
  let seen: Readonly<Record<string, unknown>> = {}

  beforeAll(() => {
    const command = `${NODE} ${PROBE} ${STATE}/probe.db ${RESULT} %d/master.key ${DYNAMIC}`
    const text = readUnit('otpgated.service')
    writeFileSync(UNIT, text.replace(/^ExecStart=.*$/m, `ExecStart=${command}`))
    systemctl('daemon-reload')
    requireTool('systemd-run', [`--unit=${DYNAMIC}`, '-pDynamicUser=yes', 'sleep', '600'])
    systemctl('start', 'otpgate-probe')
    seen = JSON.parse(readFileSync(RESULT, 'utf8'))
  })

  afterAll(() => {
    systemctl('stop', 'otpgate-probe', DYNAMIC)
    for (const name of ['probe.db', 'probe.db-wal', 'probe.db-shm', 'probe.json']) {
      rmSync(`${STATE}/${name}`, { force: true })
    }
    rmSync(UNIT)
    systemctl('daemon-reload')
  })

  test('hears what the daemon says through systemd-notify', () => {
    expect(propertyOf('otpgate-probe', 'StatusText')).toBe('probed')
  })

  test('gives the service user the key, which is trusted as it lies there, and not root’s own', () => {
    expect(seen).toMatchObject({ keyBytes: 32, rootsKey: 'EACCES' })
    expect(seen.uid).toBe(statSync(STATE).uid)
    expect(seen.uid).not.toBe(0)
  })

  test('lets Node, SQLite and argon2 work', () => {
    expect(seen).toMatchObject({ database: 'delete', argon2: 'argon2id' })
    expect(seen.configuration).toBeGreaterThan(0)
  })

  test('lets getent ask for names that only a socket knows', () => {
    expect(seen.getent).toContain(`${DYNAMIC}:`)
  })

  test('lets nothing be written but the state directory', () => {
    expect(seen).toMatchObject({ etc: 'EROFS', variable: 'EROFS' })
  })

  test('knows no network, no other process and no privilege', () => {
    expect(seen).toMatchObject({
      tcp: 'EAFNOSUPPORT',
      seesInit: false,
      capabilities: ['0000000000000000', '0000000000000000'],
      noNewPrivileges: '1',
      coreLimit: '0',
    })
  })
})
