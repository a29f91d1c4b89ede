import { isThere } from './path.ts'

/** Where Linux-PAM looks for the file of a service, in this order (pam.d(5)). */
export const PAM_DIRECTORIES = ['/etc/pam.d', '/usr/lib/pam.d', '/usr/etc/pam.d'] as const

/** Whether the service has a file of its own; without one PAM uses `other`. */
export function hasPamService(name: string): boolean {
  return PAM_DIRECTORIES.some((directory) => isThere(`${directory}/${name}`))
}
