import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import { openSetupWorld, SETUP_STATE, type SetupWorld } from '../support/setup-world.ts'

const PAM = '/etc/pam.d'
const canRun = () => canRunEndToEnd() && canRunWith('tests of set-up', ['unshare', 'nsenter'])

describe.skipIf(!canRun())('setup ssh, where a disk becomes full during the countdown', () => {
  let world: SetupWorld

  beforeAll(async () => {
    world = await openSetupWorld()
  })

  afterAll(() => world?.host.close())

  async function inside(script: string): Promise<string> {
    const { status, stdout, stderr } = await world.host.runInside('sh', ['-c', script])
    expect({ status, stderr }).toMatchObject({ status: 0 })
    return stdout
  }

  const listPam = () =>
    inside(`cd ${PAM} && find . -name fill -o -printf '%p %m %U:%G\\n' | sort
            find . -type f ! -name fill -exec sha256sum {} + | sort`)

  test.each([
    SETUP_STATE,
    PAM,
  ])('all goes back by itself, and is recorded so: %s', async (directory) => {
    const { host, admin } = world
    await mountSmall(inside, directory)
    const before = await listPam()
    const install = ['ssh', '--as', admin.name, '--yes', '--timeout', '8s']
    expect(await host.setup(install)).toMatchObject({ status: 0 })
    expect(await listPam()).not.toBe(before)
    await inside(`cat /dev/zero > ${directory}/fill 2>&1 || :`)
    const more = `${directory}/more`
    expect(await inside(`echo 2> /dev/null > ${more} && echo room; rm -f ${more}`)).toBe('')
    await world.untilNobodyWatches()
    expect(JSON.parse((await host.setup(['status', '--json'])).stdout).phase).toBe('reverted')
    expect(await listPam()).toBe(before)
    await world.assertAsBefore()
  })
})

/** A file system of its own over a directory of the host, with what was there. */
async function mountSmall(
  inside: (script: string) => Promise<string>,
  directory: string,
): Promise<void> {
  await inside(`mkdir -p -m 700 ${directory} && cp -a ${directory} /run/otpgate-test-copy
    mount -t tmpfs -o size=512k,mode=$(stat -c %a ${directory}) tmpfs ${directory}
    cp -a /run/otpgate-test-copy/. ${directory}; rm -r /run/otpgate-test-copy`)
  onTestFinished(async () => void (await inside(`umount ${directory}`)))
}
