import { join } from 'node:path'
import { LASTING } from '../booted/set-up-person.ts'

/**
 * What a test has left for after the next boot of the same machine; where it is, in-systemd boots once
 * more, and runs the tests of this directory.
 */
export const REBOOT_NOTE = join(LASTING, 'reboot.json')
