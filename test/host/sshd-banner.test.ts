import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { greetsAsSsh, parseListenAddress } from '../../src/host/sshd-banner.ts'

describe('parseListenAddress', () => {
  test.each([
    ['0.0.0.0:22', { host: '127.0.0.1', port: 22 }],
    ['[::]:22', { host: '::1', port: 22 }],
    ['192.0.2.7:2222', { host: '192.0.2.7', port: 2222 }],
    ['[fe80::1%eth0]:22', { host: 'fe80::1%eth0', port: 22 }],
    ['192.0.2.7', undefined],
    ['', undefined],
  ])('reads %j, and looks for everywhere on this host', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address)
  })
})

describe('greetsAsSsh', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  /** A port on which everybody is told this. */
  function listen(greeting: string): Promise<number> {
    return new Promise((resolve) => {
      server = createServer((socket) => socket.end(greeting)).listen(0, '127.0.0.1', () => {
        const address = server?.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
  }
  const asks = (port: number) => greetsAsSsh([{ host: '127.0.0.1', port }], 0)

  test('knows an SSH server from another one, and from none', async () => {
    const port = await listen('SSH-2.0-OpenSSH_9.2\r\n')
    expect(await asks(port)).toBe(true)
    server?.close()
    expect(await asks(port)).toBe(false)
    expect(await asks(await listen('220 mail\r\n'))).toBe(false)
    expect(await asks(await listen(''))).toBe(false)
    expect(await greetsAsSsh([], 0)).toBe(false)
  })
})
