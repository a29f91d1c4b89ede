import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { readSshdLines } from '../../src/host/sshd-config-file.ts'
import { describeOnHost } from './ailment.ts'

const DROP_INS = 8

describeOnHost('otpgate doctor comes to an end', (host) => {
  test('where drop-ins of sshd include each other', async () => {
    const { sshdConfig } = host().places
    const all = `${sshdConfig.replace('sshd_config', 'drop-in')}/*.conf`
    for (let index = 0; index < DROP_INS; index++) {
      host().write(`ssh/drop-in/9${index}.conf`, `Include ${all}\nPermitRootLogin no\n`)
    }
    expect(readSshdLines(sshdConfig).length).toBeLessThan(2000)
    const { report } = await host().examine()
    const what = report.checks.flatMap(({ findings }) => findings).map((each) => each.what)
    expect(what.join('\n')).toMatch(/sshd does not take its configuration: .*include/i)
  })

  test('where a drop-in of sshd is a FIFO', () => {
    const { sshdConfig } = host().places
    execFileSync('mkfifo', [`${sshdConfig.replace('sshd_config', 'drop-in')}/98.conf`])
    expect(readSshdLines(sshdConfig).map(({ keyword }) => keyword)).toContain('permitrootlogin')
  })
})
