import { isThere } from './path.ts'

/** Where Linux-PAM looks for the file of a service (pam.d(5)). */
const DIRECTORIES = ['/etc/pam.d', '/usr/lib/pam.d', '/usr/etc/pam.d'] as const

/** Whether the service has a file of its own; without one PAM uses `other`. */
export function hasPamService(name: string): boolean {
  return DIRECTORIES.some((directory) => isThere(`${directory}/${name}`))
}
