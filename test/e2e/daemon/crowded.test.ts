import { expect, test } from 'vitest'
import { CODE_QUESTION, encodeQuestion } from '../../daemon/client-frame.ts'
import { type ClientSocket, openClient } from '../../daemon/client-socket.ts'
import { addCodeService } from '../../support/code-service.ts'
import { enrollCountingPerson, logInOnce } from '../../support/counting-person.ts'
import { describeOnHost } from '../../support/describe-on-host.ts'
import { runWithin } from '../../support/run-within.ts'

const IDLE_CONNECTIONS = 500
const GARBAGE_BYTES = 1024 * 1024
/** By so much longer than undisturbed, on whatever machine. */
const LONGER_MS = 1000

describeOnHost(
  'a daemon that others keep busy',
  (onHost) => {
    type Disturb = (path: string) => Promise<readonly ClientSocket[]>

    const tryOnce = async (disturb: Disturb) => {
      const { host, otpgate } = onHost()
      const service = addCodeService(host, otpgate)
      const person = await enrollCountingPerson(host, otpgate)
      otpgate.daemon?.standAlone()
      const calm = await logInOnce(service, person.name, person.press(), 49_000)
      const disturbers = await disturb(otpgate.daemon?.socket ?? '')
      try {
        const { ok, milliseconds } = await logInOnce(service, person.name, person.press(), 50_000)
        return { ok, milliseconds: milliseconds - calm.milliseconds }
      } finally {
        for (const { socket } of disturbers) socket.destroy()
      }
    }
    /** Whether somebody got in beside them, and how much longer it took. */
    const tryBeside = (disturb: Disturb) => runWithin(LONGER_MS, () => tryOnce(disturb))
    const open = (path: string, count: number) =>
      Promise.all(Array.from({ length: count }, () => openClient(path)))

    test('lets others in within a second beside 500 connections that say nothing', async () => {
      const result = await tryBeside((path) => open(path, IDLE_CONNECTIONS))
      expect(result.ok).toBe(true)
      expect(result.milliseconds).toBeLessThan(LONGER_MS)
    })

    test('lets others in within a second beside a mebibyte of garbage', async () => {
      const result = await tryBeside(async (path) => {
        const clients = await open(path, 10)
        for (const { socket } of clients) {
          // The daemon hangs up on the first bytes of it.
          socket.on('error', () => {})
          socket.write(Buffer.alloc(GARBAGE_BYTES, 'O'))
        }
        return clients
      })
      expect(result.ok).toBe(true)
      expect(result.milliseconds).toBeLessThan(LONGER_MS)
    })

    test('lets others in within a second beside half a frame', async () => {
      const result = await tryBeside(async (path) => {
        const clients = await open(path, 10)
        const frame = encodeQuestion(CODE_QUESTION)
        for (const { socket } of clients) socket.write(frame.subarray(0, frame.length / 2))
        return clients
      })
      expect(result.ok).toBe(true)
      expect(result.milliseconds).toBeLessThan(LONGER_MS)
    })
  },
  { front: 'daemon' },
)
