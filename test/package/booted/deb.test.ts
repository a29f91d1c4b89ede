import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeMachine, doOnMachine, onMachine } from './machine.ts'
import {
  addUser,
  enroll,
  isLetIn,
  nextCode,
  readHostFiles,
  readPhase,
  SETUP_UNIT,
  setUp,
  startLogins,
  turnOff,
  turnOn,
  untilEnded,
} from './person.ts'

const FIRST = '/root/packages/otpgate_7.1.0_*.deb'
const SECOND = '/root/packages/otpgate_7.2.0_*.deb'
/** With a further migration. */
const THIRD = '/root/packages/otpgate_7.4.0_*.deb'
const BROKEN = '/root/packages/broken.deb'
const UNITS = 'otpgated.socket otpgated.service otpgate-maintain.timer otpgate-notify.service'
const TREES = 'ls -d /usr/lib/otpgate*'
/** A system beside the machine's own: the same files, but none of systemd's. */
const WITHOUT_SYSTEMD = `
  mkdir -p /run/bare/upper /run/bare/work /run/bare/root
  mount -t overlay -o lowerdir=/,upperdir=/run/bare/upper,workdir=/run/bare/work overlay /run/bare/root
  cd /run/bare/root && rm -rf usr/lib/systemd usr/bin/systemctl usr/bin/systemd-sysusers
  mount -t proc proc proc && mount -t tmpfs tmpfs dev && mknod -m 666 dev/null c 1 3`

/** Files by name or by debconf's question; not apt's and debconf's own copies of before. */
const LEFT_BEHIND = `
  find / -xdev -name '*otpgate*' -not -path '/root/*' -not -path '/opt/*' -not -path /otpgate-packages
  grep -l otpgate /etc/passwd /etc/group /etc/shadow /etc/subuid /var/cache/debconf/*.dat || :`
const ERRORS = 'journalctl --no-pager --quiet --identifier=otpgate-verify --grep=error || :'

/** A service is there as soon as its launcher is, a shell; that goes over into the Node of `tree`. */
async function untilRunsFrom(tree: string, unit: string): Promise<void> {
  await doOnMachine(
    `for i in $(seq 30); do
       program=$(readlink /proc/$(systemctl show -P MainPID ${unit})/exe) || :
       case $program in *${tree}/*) exit 0 ;; esac
       sleep 1
     done
     echo "${unit} runs $program"; exit 1`,
  )
}

describeMachine('the Debian package', () => {
  let secret = ''
  let used = ''
  let before = ''

  async function logIn(): Promise<boolean> {
    used = await nextCode(secret, used)
    return await isLetIn('alice', used)
  }

  async function expectServicesFrom(tree: string): Promise<void> {
    for (const unit of ['otpgated', 'otpgate-notify']) await untilRunsFrom(tree, unit)
  }

  beforeAll(async () => {
    await addUser('alice')
    await doOnMachine('systemctl start ssh')
    before = await readHostFiles()
  })
  afterAll(() => onMachine('userdel --remove alice'))

  test('is installed where there is neither Node nor npm, compiler or network', async () => {
    expect((await onMachine('command -v node npm cc gcc git')).stdout).toBe('')
    await doOnMachine(`apt-get -q -y install ${FIRST}`)
    expect(await doOnMachine('otpgate --version')).toBe('7.1.0')
    expect(await doOnMachine('readlink /usr/lib/otpgate')).toBe('otpgate-7.1.0-1')
    expect(await doOnMachine('dpkg --verify otpgate')).toBe('')
  })

  test('changes nothing about logins until PAM names it', async () => {
    expect(await isLetIn('alice', '')).toBe(true)
    expect(await doOnMachine(`systemctl is-enabled ${UNITS} || :`)).toBe(
      'disabled\n'.repeat(4).trim(),
    )
  })

  test('asks for a code after init, enroll and setup ssh, by the link', async () => {
    const { stderr } = await onMachine('otpgate init')
    expect(stderr).toContain(' /usr/lib/otpgate/otpgate-verify --account')
    const enrolled = await enroll('alice')
    secret = enrolled.secret
    used = await turnOn('alice', secret, enrolled.used)
    expect(await doOnMachine('otpgate setup status')).toMatch(/^set-up +confirmed$/m)
    expect(await doOnMachine('cat /etc/pam.d/otpgate-key-then-code')).toContain(
      ' /usr/lib/otpgate/otpgate-verify --account',
    )
    expect(await isLetIn('alice', '')).toBe(false)
    expect(await isLetIn('alice', used)).toBe(false)
    expect(await logIn()).toBe(true)
  })

  test('runs its daemon, and doctor finds no problem', async () => {
    await doOnMachine(
      `printf '[notify]\ncommand = ["/usr/bin/true"]\n' >>/etc/otpgate/otpgate.toml`,
    )
    await doOnMachine(`systemctl enable --now ${UNITS}`)
    expect(await logIn()).toBe(true)
    await expectServicesFrom('/usr/lib/otpgate-7.1.0-1')
    const { status, stdout } = await onMachine('otpgate doctor')
    expect(stdout).not.toMatch(/problem/i)
    expect(status).toBe(0)
    expect(await doOnMachine(ERRORS)).toBe('')
  })

  test('is upgraded while people log in, and refuses nobody', async () => {
    const loops = [await startLogins('bob'), await startLogins('carol')]
    await doOnMachine(`sleep 3; apt-get -q -y install ${SECOND}; sleep 3`)
    await doOnMachine(`apt-get -q -y --reinstall install ${SECOND}; sleep 3`)
    for (const loop of loops) expect(await loop.stop()).toBeGreaterThan(5)
    expect(await doOnMachine('otpgate --version')).toBe('7.2.0')
    expect(await doOnMachine(TREES)).toBe(
      '/usr/lib/otpgate\n/usr/lib/otpgate-7.2.0-2\n/usr/lib/otpgate-package',
    )
    await expectServicesFrom('/usr/lib/otpgate-7.2.0-2')
    expect(await doOnMachine(ERRORS)).toBe('')
  })

  test('leaves the tree in force where a new version does not run', async () => {
    await doOnMachine(
      `dpkg-deb -R ${SECOND} /root/broken
       sed -i 's/^Version: .*/Version: 7.3.0/' /root/broken/DEBIAN/control
       : >/root/broken/usr/lib/otpgate-package/dist/otpgate-verify.cjs
       dpkg-deb -Zgzip -z1 --build /root/broken ${BROKEN} && rm -r /root/broken`,
    )
    const loop = await startLogins('dave')
    const { status, stdout } = await onMachine(`apt-get -q -y install ${BROKEN} 2>&1`)
    expect(status).not.toBe(0)
    expect(stdout).toContain('otpgate-verify.cjs does not run; nothing was changed')
    expect(await loop.stop()).toBeGreaterThan(0)
    expect(await doOnMachine('otpgate --version')).toBe('7.2.0')
    expect(await doOnMachine('readlink /usr/lib/otpgate')).toBe('otpgate-7.2.0-2')
  })

  test('goes back to the version before, for those that log in meanwhile as well', async () => {
    const loop = await startLogins('erin')
    await doOnMachine(`apt-get -q -y --allow-downgrades install ${FIRST}`)
    expect(await loop.stop()).toBeGreaterThan(0)
    expect(await doOnMachine(TREES)).toBe(
      '/usr/lib/otpgate\n/usr/lib/otpgate-7.1.0-1\n/usr/lib/otpgate-package',
    )
    expect(await doOnMachine(ERRORS)).toBe('')
  })

  test('stays while PAM names it, and says what to type', async () => {
    const { status, stdout } = await onMachine('apt-get -q -y remove otpgate 2>&1')
    expect(status).not.toBe(0)
    // From apt's terminal.
    expect(stdout).toMatch(/^ {2}\/etc\/pam\.d\/sshd\r?$/m)
    expect(stdout).toContain('otpgate setup revert')
    expect(await logIn()).toBe(true)
    expect(await doOnMachine(`systemctl is-active ${UNITS}`)).toBe('active\n'.repeat(4).trim())
  })

  test('is removed after that, and people are as they were when it comes back', async () => {
    await turnOff()
    await doOnMachine('apt-get -q -y remove otpgate')
    expect(await doOnMachine(`${TREES} /usr/bin/otpgate /run/otpgate 2>/dev/null || :`)).toBe('')
    expect(await isLetIn('alice', '')).toBe(true)
    await doOnMachine(`apt-get -q -y install ${SECOND}`)
    used = await turnOn('alice', secret, used)
    await turnOff()
  })

  test('neither confirms nor forgets a set-up that waits while the package changes', async () => {
    await setUp('alice', '1h')
    expect(await doOnMachine(`grep ^ExecStart= ${SETUP_UNIT}`)).toContain('="/usr/bin/otpgate" ')
    await doOnMachine(`apt-get -q -y --reinstall install ${SECOND}`)
    await untilRunsFrom(await doOnMachine('readlink -f /usr/lib/otpgate'), 'otpgate-setup')
    expect((await onMachine(`apt-get -q -y install ${BROKEN}`)).status).not.toBe(0)
    await doOnMachine(`apt-get -q -y --allow-downgrades install ${SECOND}`)
    for (const verb of ['remove', 'purge']) {
      const { status, stdout } = await onMachine(`apt-get -q -y ${verb} otpgate 2>&1`)
      expect(status).not.toBe(0)
      expect(stdout).toContain('otpgate setup revert')
    }
    expect(await readPhase()).toBe('awaiting-proof')
    expect(
      await doOnMachine('systemctl is-active otpgate-setup; systemctl is-enabled otpgate-setup'),
    ).toBe('active\nenabled')
    expect(await logIn()).toBe(true)
    await untilEnded('confirmed')
    await turnOff()
    expect(await readHostFiles()).toBe(before)
  })

  test('lets a set-up go back in time while it is upgraded', async () => {
    await setUp('alice', '15s')
    await doOnMachine(`apt-get -q -y --allow-downgrades install ${FIRST}`)
    await untilEnded('reverted')
    expect(await isLetIn('alice', '')).toBe(true)
    await doOnMachine(`apt-get -q -y install ${SECOND}`)
  })

  test('keeps key and database at a purge where nobody is asked', async () => {
    const said = await doOnMachine('apt-get -q -y purge otpgate 2>&1')
    expect(said).toContain('otpgate: /var/lib/otpgate stays')
    await doOnMachine('test -s /etc/otpgate/master.key && test -s /var/lib/otpgate/otpgate.db')
    await doOnMachine(`apt-get -q -y install ${SECOND}`)
    expect(await doOnMachine('otpgate list --json')).toContain('"alice"')
    used = await turnOn('alice', secret, used)
    await turnOff()
  })

  test('brings the database along while people log in, a daemon runs and a set-up waits', async () => {
    await doOnMachine('systemctl enable --now otpgated.socket otpgated.service')
    await setUp('alice', '1h')
    const loop = await startLogins('ivan')
    await doOnMachine(`sleep 2; apt-get -q -y install ${THIRD}; sleep 2`)
    expect(await loop.stop()).toBeGreaterThan(2)
    expect(await doOnMachine('otpgate upgrade')).toContain('nothing to do')
    const tree = await doOnMachine('readlink -f /usr/lib/otpgate')
    for (const unit of ['otpgated', 'otpgate-setup']) await untilRunsFrom(tree, unit)
    expect(await logIn()).toBe(true)
    await untilEnded('confirmed')
    expect(await doOnMachine(ERRORS)).toBe('')
  })

  test('does not go back to a version that cannot read the database', async () => {
    const downgrade = `apt-get -q -y --allow-downgrades install ${SECOND} 2>&1`
    const { status, stdout } = await onMachine(downgrade)
    expect(status).not.toBe(0)
    expect(stdout).toContain('install the newer otpgate')
    expect(await doOnMachine('otpgate --version')).toBe('7.4.0')
    expect(await logIn()).toBe(true)
    await doOnMachine(`apt-get -q -y install ${THIRD}`)
    await turnOff()
  })

  test('leaves nothing behind where the answer is yes', async () => {
    const answer = 'otpgate otpgate/delete-data boolean true'
    await doOnMachine(`echo '${answer}' | debconf-set-selections; apt-get -q -y purge otpgate`)
    expect(await doOnMachine(LEFT_BEHIND)).toBe('')
    expect(await readHostFiles()).toBe(before)
  })

  test('is installed, works and goes again where there is no systemd', async () => {
    await doOnMachine(WITHOUT_SYSTEMD)
    const chroot = 'chroot /run/bare/root'
    await doOnMachine(`${chroot} dpkg -i ${SECOND}`)
    await doOnMachine(`${chroot} otpgate init && ${chroot} otpgate enroll root --no-confirm --json`)
    expect(await doOnMachine(`${chroot} otpgate list --json`)).toContain('"root"')
    await doOnMachine(`${chroot} dpkg --purge otpgate; umount -R /run/bare/root; rm -r /run/bare`)
  })
})
