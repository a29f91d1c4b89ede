import { randomBytes as randomBytesOfNode } from 'node:crypto'
import type { RandomBytes } from '../app/ports.ts'

/** Bytes from the cryptographic generator (getrandom(2), by way of OpenSSL). */
export const randomBytes: RandomBytes = (count) => randomBytesOfNode(count)
