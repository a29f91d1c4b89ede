import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeBooted } from './describe-booted.ts'
import { addPerson, otpgate, removePerson } from './installed-person.ts'
import { mainPid, systemctl, until } from './unit-control.ts'

const CONFIG = '/etc/otpgate/otpgate.toml'
const PROGRAM = '/usr/local/sbin/tell'
const OUT = '/var/lib/otpgate/told'
/** The daemon's copy of the key. */
const CREDENTIAL = '/run/credentials/otpgated.service/master.key'
const PATIENT_MS = 20_000

/** Notes what it is told, and what it can do to key and host. */
const SCRIPT = `#!/bin/sh
cat >>${OUT}
for file in /etc/otpgate/master.key ${CREDENTIAL} /root /home; do
  [ -z "$(cat $file 2>/dev/null; ls -A $file 2>/dev/null | grep -v master.key)" ] || echo "saw $file" >>${OUT}
done
touch /etc/otpgate/planted 2>/dev/null && echo "wrote /etc" >>${OUT}
exit 0
`

describeBooted('the service that tells what happened', () => {
  let before: string

  beforeAll(async () => {
    before = readFileSync(CONFIG, 'utf8')
    mkdirSync('/usr/local/sbin', { recursive: true })
    writeFileSync(PROGRAM, '#!/bin/sh\n', { mode: 0o755 })
    writeFileSync(CONFIG, before.replace('#command = []', `command = ["${PROGRAM}"]`))
    writeFileSync('/root/private', 'of root')
    addPerson('judy')
    // What other tests have left to be told is told here, outside of the service.
    otpgate(['notify'])
    writeFileSync(PROGRAM, SCRIPT)
    systemctl('start', 'otpgated', 'otpgate-notify')
  })

  afterAll(() => {
    systemctl('stop', 'otpgate-notify')
    for (const file of [PROGRAM, OUT, '/root/private']) rmSync(file, { force: true })
    writeFileSync(CONFIG, before)
    removePerson('judy')
  })

  const told = () => (existsSync(OUT) ? readFileSync(OUT, 'utf8') : '')

  test('hears of a suspension, and its command sees no key and writes nowhere else', async () => {
    otpgate(['suspend', 'judy', '--reason', 'a test'])
    await until('the event is told', () => told().includes('"event":"suspend"'), PATIENT_MS)
    otpgate(['resume', 'judy'])
    await until('the next is told', () => told().includes('"event":"resume"'), PATIENT_MS)
    expect(existsSync(CREDENTIAL)).toBe(true)
    expect(told()).not.toMatch(/^(?:saw|wrote)/m)
    expect(existsSync('/etc/otpgate/planted')).toBe(false)
  })

  test('leaves the files of the database to whom they belong', () => {
    const { uid } = statSync('/var/lib/otpgate')
    // Not the lock, which comes and goes: it is of whoever tells.
    const names = readdirSync('/var/lib/otpgate')
      .filter((name) => name.startsWith('otpgate.db'))
      .filter((name) => !name.endsWith('.notify-lock'))
    expect(names).toContain('otpgate.db')
    for (const name of names) expect(statSync(`/var/lib/otpgate/${name}`).uid, name).toBe(uid)
  })

  test('is begun again where it ends, and ends at once when it is stopped', async () => {
    const first = mainPid('otpgate-notify')
    systemctl('restart', 'otpgate-notify')
    expect(mainPid('otpgate-notify')).not.toBe(first)
  })
})
