import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeBooted } from './describe-booted.ts'
import { addPerson, otpgate, removePerson } from './installed-person.ts'
import { systemctl, until } from './unit-control.ts'

const README = join(import.meta.dirname, '../../../README.md')
const CONFIG = '/etc/otpgate/otpgate.toml'
const PROGRAM = '/usr/local/sbin/tell'
const PLACE = '/var/lib/told'
const OUT = `${PLACE}/out`
const DROP_IN = '/etc/systemd/system/otpgate-notify.service.d'
const NOBODY = 65_534
const PATIENT_MS = 20_000

/** These stand in README.md. */
const COMMAND = `command = ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--", "${PROGRAM}"]`
const RIGHTS = [
  'CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_KILL',
  'SystemCallFilter=@setuid capset',
] as const

/** Notes who it is and what it can read and write, then what it is told; "slow" takes for ever. */
const SCRIPT = `#!/bin/sh
echo "uid $(id -u), groups $(id -G)" >>${OUT}
for file in /var/lib/otpgate /var/lib/otpgate/otpgate.db; do
  [ -r $file ] && echo "saw $file" >>${OUT}
  [ -w $file ] && echo "could write $file" >>${OUT}
done
read -r line
echo "$line" >>${OUT}
case $line in *slow*) echo $$ >>${OUT}.pid; exec sleep 1000 ;; esac
`

describeBooted('the service that tells, with a command of nobody', () => {
  let before: string

  beforeAll(async () => {
    before = readFileSync(CONFIG, 'utf8')
    for (const directory of ['/usr/local/sbin', PLACE, DROP_IN])
      mkdirSync(directory, { recursive: true })
    chownSync(PLACE, NOBODY, NOBODY)
    writeFileSync(PROGRAM, SCRIPT, { mode: 0o755 })
    const lines = ['[Service]', ...RIGHTS, `ReadWritePaths=${PLACE}`, '']
    writeFileSync(`${DROP_IN}/user.conf`, lines.join('\n'))
    writeFileSync(CONFIG, before.replace('#command = []', `${COMMAND}\ntimeout = "2s"`))
    addPerson('kim')
    otpgate(['notify'])
    systemctl('daemon-reload')
    systemctl('start', 'otpgated', 'otpgate-notify')
  })

  afterAll(() => {
    systemctl('stop', 'otpgate-notify')
    for (const path of [PROGRAM, PLACE, DROP_IN]) rmSync(path, { recursive: true, force: true })
    systemctl('daemon-reload')
    writeFileSync(CONFIG, before)
    removePerson('kim')
  })

  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')

  test('is what README.md says', () => {
    const manual = readFileSync(README, 'utf8')
    for (const line of [COMMAND, ...RIGHTS]) expect(manual).toContain(line)
  })

  test('gives it no way to the database', async () => {
    otpgate(['suspend', 'kim', '--reason', 'a test'])
    await until('the event is told', () => read(OUT).includes('"event":"suspend"'), PATIENT_MS)
    expect(read(OUT)).toMatch(/^uid 65534, groups 65534\n/)
    expect(read(OUT)).not.toMatch(/^(?:saw|could)/m)
  })

  test('ends it where it takes too long', async () => {
    otpgate(['resume', 'kim', '--reason', 'slow'])
    await until('it is told', () => read(`${OUT}.pid`) !== '', PATIENT_MS)
    const [pid = ''] = read(`${OUT}.pid`).split('\n')
    await until('it is killed', () => !existsSync(`/proc/${pid}`), PATIENT_MS)
  })
})
