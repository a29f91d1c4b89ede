import { canRunWith } from './host-requirement.ts'

const PROGRAMS = ['useradd', 'userdel', 'chpasswd', 'ssh-keygen', 'oathtool', 'script', 'zbarimg']

/** Whether tests of the command line with real users and a real terminal can run; as `canRunWith`. */
export function canRunCommandLine(): boolean {
  return canRunWith('tests of the command line', PROGRAMS)
}
