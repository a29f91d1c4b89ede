import { describe, expect, test } from 'vitest'
import { isNamedByProgram, parseSshdVersion, renderSshdConfig } from './sshd-config.ts'

const FILES = { port: 2222, hostKey: '/k', service: 'otpgate-test-1-1' }

describe('the version of sshd', () => {
  test('compares as a number, two-digit majors included', () => {
    expect(parseSshdVersion('OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19')).toBe(902)
    expect(parseSshdVersion('unknown option -- V\nOpenSSH_10.0p2')).toBe(1000)
  })

  test('decides how the PAM service is named', () => {
    expect(isNamedByProgram(parseSshdVersion('OpenSSH_9.7p1'))).toBe(true)
    expect(isNamedByProgram(parseSshdVersion('OpenSSH_9.8p1'))).toBe(false)
    expect(isNamedByProgram(parseSshdVersion('OpenSSH_10.0p2'))).toBe(false)
  })

  test('of something else is an error', () => {
    expect(() => parseSshdVersion('Dropbear v2022.83')).toThrow('which OpenSSH')
  })
})

describe("a private sshd's configuration", () => {
  test('puts own settings before the defaults and own Match blocks behind them', () => {
    const text = renderSshdConfig('UsePAM no\n# why\nMatch User a\n  X y', FILES, 902)
    const order = ['UsePAM no', 'UsePAM yes', 'Subsystem', 'Match User a', 'X y']
    const places = order.map((words) => text.indexOf(words))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
  })

  test('names the PAM service only where sshd knows the option', () => {
    expect(renderSshdConfig('', FILES, 902)).not.toMatch(/PAMServiceName|PerSourcePenalties/)
    expect(renderSshdConfig('', FILES, 908)).toContain('PAMServiceName otpgate-test-1-1\n')
  })
})
