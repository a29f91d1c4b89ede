import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeDirectory } from '../bin/temporary-checkout.ts'
import { canRunWith } from '../support/host-requirement.ts'
import { runProgram } from '../support/run-program.ts'
import { type BuiltPackage, buildPackage } from './built-package.ts'

const TIMEOUT_MS = 120_000
/** As long as the build has, which shares the machine with those of package.test.ts. */
const BUILD_TIMEOUT_MS = 300_000
const PROGRAMS = ['dpkg', 'dpkg-deb', 'strip', 'unshare', 'chroot', 'debconf-set-selections']

/**
 * A system of its own, in memory: the files of this one, and a dpkg that knows of no package. $0 is an
 * empty directory, $1 the package.
 */
const INTO_SYSTEM = `
  mount -t tmpfs tmpfs "$0"
  mkdir "$0/upper" "$0/work" "$0/root"
  mount -t overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" overlay "$0/root"
  cp "$1" "$0/root/otpgate.deb"
  cp "$2" "$0/root/otpgate.tar.gz"
  cd "$0/root"
  # Other tests have services there, which come and go.
  mkdir own-services
  find etc/pam.d -mindepth 1 ! -name '*otpgate*' -exec cp -a -t own-services {} +
  mount -t tmpfs tmpfs etc/pam.d
  mv own-services/* etc/pam.d
  rm -rf usr/lib/otpgate* usr/bin/otpgate etc/otpgate var/lib/otpgate* etc/pam.d/*otpgate*
  rm -rf etc/ssh/sshd_config.d var/lib/dpkg var/cache/debconf
  mkdir -p var/lib/dpkg/info var/lib/dpkg/updates var/lib/dpkg/triggers var/cache/debconf tmp
  : >var/lib/dpkg/status
  mount -t proc proc proc
  mount --bind /dev dev
  exec chroot . /bin/sh -uc "$3"`

const FROM_TARBALL = `
  mkdir /unpacked && tar -C /unpacked -xzf /otpgate.tar.gz
  /unpacked/*/install >/dev/null`
const UNPACK = 'dpkg --unpack --force-depends /otpgate.deb >/dev/null'
const CONFIGURE = 'dpkg --configure --force-depends otpgate >/dev/null 2>&1'
const NAME = "echo 'auth required pam_exec.so /usr/lib/otpgate/otpgate-verify' >/etc/pam.d/x-test"
const UNNAME = 'rm /etc/pam.d/x-test'
const STATE = "dpkg-query -s otpgate | sed -n 's/^Status: .* //p'"
const YES = "echo 'otpgate otpgate/delete-data boolean true' | debconf-set-selections"

const canRun = canRunWith('tests of removal', PROGRAMS)

describe.skipIf(!canRun)('removing the package', { timeout: TIMEOUT_MS }, () => {
  let built: BuiltPackage
  beforeAll(async () => {
    built = await buildPackage('022')
  }, BUILD_TIMEOUT_MS)
  afterAll(() => built?.remove())

  async function onSystem(...commands: readonly string[]) {
    const inside = ['-euc', INTO_SYSTEM, makeDirectory(), built.deb, built.tarball]
    return await runProgram(
      'unshare',
      ['--mount', '--propagation', 'private', '/bin/sh', ...inside, commands.join('\n')],
      { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: TIMEOUT_MS },
    )
  }

  test('is refused while PAM names it, also where it was never configured', async () => {
    const { stdout, stderr } = await onSystem(
      ...[FROM_TARBALL, UNPACK, NAME, 'dpkg --remove otpgate || echo refused', STATE],
      ...['otpgate --version >/dev/null && echo works; ls /usr/lib/otpgate/otpgate-verify'],
      // Nothing is lost: the package can be had again.
      ...[UNPACK, CONFIGURE, STATE, 'otpgate --version >/dev/null && echo works'],
    )
    expect(stdout.replace(/^Removing.*\n|^\(Reading.*\n/gm, '')).toBe(
      'refused\nhalf-installed\nworks\n/usr/lib/otpgate/otpgate-verify\ninstalled\nworks\n',
    )
    expect(stderr).toContain('\n  /etc/pam.d/x-test\n')
    expect(stderr).toContain('To keep it: dpkg -i ')
  })

  test('goes on where it was refused, once nothing names it, and leaves no link to a unit', async () => {
    const wants = '/etc/systemd/system/multi-user.target.wants'
    const { stdout } = await onSystem(
      ...[UNPACK, CONFIGURE, `mkdir -p ${wants}`],
      `for unit in /usr/lib/systemd/system/otpgate*; do ln -sf "$unit" ${wants}; done`,
      ...[UNPACK, NAME, 'dpkg --remove otpgate >/dev/null || echo refused'],
      ...[UNNAME, 'dpkg --remove otpgate >/dev/null', STATE],
      ...[`find /usr/lib /usr/bin ${wants} -maxdepth 1 -name 'otpgate*'`],
    )
    expect(stdout).toBe('refused\nconfig-files\n')
  })

  test('leaves what the tarball laid, where it was never configured', async () => {
    const { stdout } = await onSystem(
      ...[FROM_TARBALL, UNPACK, 'dpkg --remove otpgate >/dev/null', STATE],
      ...['otpgate --version >/dev/null && echo works'],
      ...['/unpacked/*/install --uninstall >/dev/null'],
      ...["find /usr/lib /usr/bin -maxdepth 1 -name 'otpgate*'"],
    )
    expect(stdout).toBe('config-files\nworks\n')
  })

  test('and its data is refused while PAM names another otpgate, which needs them', async () => {
    const { stdout } = await onSystem(
      ...[UNPACK, YES, 'dpkg --remove otpgate >/dev/null', FROM_TARBALL, NAME],
      ...['otpgate init >/dev/null 2>&1', 'dpkg --purge otpgate >/dev/null || echo refused'],
      ...['ls /etc/otpgate/master.key /var/lib/otpgate/otpgate.db', UNNAME],
      ...['dpkg --purge otpgate >/dev/null', 'ls -d /etc/otpgate /var/lib/otpgate || echo gone'],
    )
    expect(stdout).toBe('refused\n/etc/otpgate/master.key\n/var/lib/otpgate/otpgate.db\ngone\n')
  })

  test('says of everything that stays where it is, also behind a link', async () => {
    const { stdout, stderr } = await onSystem(
      ...[UNPACK, 'mkdir /data /var/lib/otpgate-setup; touch /data/otpgate.db'],
      ...['ln -s /data /var/lib/otpgate; touch /var/lib/otpgate-setup/x /etc/otpgate/master.key'],
      ...['dpkg --purge otpgate >/dev/null', 'echo next >&2', UNPACK, YES],
      ...['dpkg --purge otpgate >/dev/null', 'ls /data', 'ls /var/lib/otpgate* || echo gone'],
    )
    const [kept = '', deleted = ''] = stderr.split('next\n')
    for (const path of ['/etc/otpgate', '/var/lib/otpgate']) {
      expect(kept).toContain(`otpgate: ${path} stays, `)
    }
    expect(deleted).toContain('otpgate: /data stays, ')
    expect(stdout).toBe('otpgate.db\ngone\n')
  })
})
