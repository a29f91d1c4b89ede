import { join } from 'node:path'
import { LASTING } from '../booted/set-up-person.ts'

/** What a test of this boot tells those in this directory, which are for the next. */
export const REBOOT_NOTE = join(LASTING, 'reboot.json')

/** A program that in-systemd runs right before it cuts the power; without one there is no next boot. */
export const BEFORE_REBOOT = join(LASTING, 'before-reboot')
