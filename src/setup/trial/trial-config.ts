import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'

/** What makes the sshd of a trial the trial's own. */
export interface TrialSettings {
  readonly account: string
  /** Type and key of the only key that it knows. */
  readonly publicKey: string
  /** PAM service; `undefined` where sshd takes its own name for it, before 9.8. */
  readonly service: string | undefined
  readonly dropIn: string
}

/** Of the patterns and lists of sshd_config(5); and it splits lines at blanks. */
const SPECIAL = /[\s*?,!"'#\\]/

/** The two pairs of the recipes. */
const PASSWORD_PAIR = /^\s*authenticationmethods\s.*password,keyboard-interactive/im
const KEY_PAIR = /^\s*authenticationmethods\s.*publickey,keyboard-interactive/im

/**
 * The first lines of the trial's configuration, a file of its own: a Match block ends with its file, and
 * over the settings of the host's own blocks only another block wins, that comes before (sshd_config(5)).
 * Throws ERR_USAGE for a name that cannot stand in a Match line.
 */
export function renderTrialSettings(settings: TrialSettings): string {
  const { account, publicKey, service, dropIn } = settings
  if (SPECIAL.test(account)) {
    throw new AppError('ERR_USAGE', `cannot try a login of ${toPrintable(account)}`, {
      hint: 'its name means something in sshd_config; name another account by --as',
    })
  }
  const newer = [`PAMServiceName ${service}`, 'PerSourcePenalties no']
  // A trial has a key, and nobody's password.
  const keyInstead = [
    'PubkeyAuthentication yes',
    'AuthenticationMethods publickey,keyboard-interactive:pam',
  ]
  return [
    'PidFile none',
    'LogLevel VERBOSE',
    ...(service === undefined ? [] : newer),
    'Match all',
    'AuthorizedKeysFile none',
    `AuthorizedKeysCommand /bin/echo ${publicKey}`,
    'AuthorizedKeysCommandUser root',
    'ForceCommand none',
    'ChrootDirectory none',
    ...(PASSWORD_PAIR.test(dropIn) && !KEY_PAIR.test(dropIn) ? keyInstead : []),
    `Match User *,!${account}`,
    'DenyUsers *',
    '',
  ].join('\n')
}

/** The trial's sshd_config: its own settings, the drop-in, and all that the host says, in this order. */
export function renderTrialConfig(files: readonly string[]): string {
  return files.map((file) => `Include ${file}\n`).join('')
}
