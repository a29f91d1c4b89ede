import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeMachine, doOnMachine, onMachine } from './machine.ts'
import { addUser, enroll, isLetIn, nextCode, startLogins, turnOff, turnOn } from './person.ts'

const FIRST = '/root/unpacked/otpgate-7.1.0-*/install'
const SECOND = '/root/unpacked/otpgate-7.2.0-*/install'
const TREES = 'ls -d /usr/lib/otpgate*'

describeMachine('the tarball for other distributions', () => {
  let secret = ''
  let used = ''

  async function logIn(): Promise<boolean> {
    used = await nextCode(secret, used)
    return await isLetIn('frank', used)
  }

  beforeAll(async () => {
    await addUser('frank')
    await doOnMachine(
      `mkdir /root/unpacked && cd /root/unpacked
       for file in /root/packages/*.tar.gz; do tar xzf "$file"; done`,
    )
  })
  afterAll(() => onMachine('userdel --remove frank; rm -rf /root/unpacked'))

  test('is installed by its script, and asks for a code after init and setup ssh', async () => {
    expect(await doOnMachine(FIRST)).toContain('pam.d lines name /usr/lib/otpgate/otpgate-verify')
    await doOnMachine('otpgate init')
    const enrolled = await enroll('frank')
    secret = enrolled.secret
    used = await turnOn('frank', secret, enrolled.used)
    expect(await isLetIn('frank', '')).toBe(false)
  })

  test('is upgraded while people log in, and refuses nobody', async () => {
    const loop = await startLogins('grace')
    await doOnMachine(`sleep 2; ${SECOND}; sleep 2`)
    expect(await loop.stop()).toBeGreaterThan(2)
    expect(await doOnMachine('otpgate --version')).toBe('7.2.0')
    expect(await doOnMachine(TREES)).toBe('/usr/lib/otpgate\n/usr/lib/otpgate-7.2.0-1')
  })

  test('stays while PAM names it, and is gone after that', async () => {
    const { status, stderr } = await onMachine(`${SECOND} --uninstall`)
    expect(status).toBe(1)
    expect(stderr).toContain('  /etc/pam.d/sshd\n')
    expect(await logIn()).toBe(true)
    await turnOff()
    await doOnMachine(`${SECOND} --uninstall`)
    const left = "find /usr -name '*otpgate*' -not -path '/usr/share/doc/*'"
    expect(await doOnMachine(left)).toBe('')
  })

  test('goes elsewhere with --prefix', async () => {
    await doOnMachine(`${FIRST} --prefix /usr/local`)
    expect(await doOnMachine('/usr/local/bin/otpgate list --json')).toContain('"frank"')
    await doOnMachine(`${FIRST} --prefix /usr/local --uninstall`)
    expect(await doOnMachine("find /usr/local -name '*otpgate*'")).toBe('')
  })
})

describeMachine('the Debian package on a host with an earlier release', () => {
  beforeAll(async () => {
    await addUser('heidi')
    await doOnMachine(
      `mkdir /root/unpacked && tar -C /root/unpacked -xzf /root/packages/otpgate-7.1.0-*.tar.gz
       ${FIRST}`,
    )
  })
  afterAll(() => onMachine('userdel --remove heidi; rm -rf /root/unpacked'))

  /** As bin/install-host was before there were links. */
  async function layPlainDirectory(): Promise<void> {
    await doOnMachine(
      `cd /usr/lib && tree=$(readlink otpgate)
       rm otpgate && mv "$tree" otpgate
       sed -i "s|^root=.*|root='/usr/lib/otpgate'|" otpgate/otpgate otpgate/otpgated otpgate/*-direct
       rm /usr/bin/otpgate && mv otpgate/otpgate /usr/bin/otpgate`,
    )
  }

  test('takes the place of its plain directory, and keeps people and configuration', async () => {
    await layPlainDirectory()
    await doOnMachine('otpgate init; echo "# ours" >>/etc/otpgate/otpgate.toml')
    const { secret, used } = await enroll('heidi')
    const proof = await turnOn('heidi', secret, used)
    const keep = '-o Dpkg::Options::=--force-confold'
    await doOnMachine(`apt-get -q -y ${keep} install /root/packages/otpgate_7.2.0_*.deb`)
    expect(await doOnMachine('otpgate --version')).toBe('7.2.0')
    expect(await doOnMachine('tail -n 1 /etc/otpgate/otpgate.toml')).toBe('# ours')
    expect(await doOnMachine(TREES)).toBe(
      '/usr/lib/otpgate\n/usr/lib/otpgate-7.2.0-1\n/usr/lib/otpgate-package',
    )
    expect(await isLetIn('heidi', await nextCode(secret, proof))).toBe(true)
    await turnOff()
  })

  test('does not let install scripts lay anything over it', async () => {
    const { status, stderr } = await onMachine(FIRST)
    expect(status).toBe(1)
    expect(stderr).toContain('is of the package otpgate')
    await doOnMachine('apt-get -q -y purge otpgate; rm -rf /etc/otpgate /var/lib/otpgate')
  })
})
