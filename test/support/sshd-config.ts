/** OpenSSH's version as one number that compares: 9.2 is 902, 10.5 is 1005. */
export type SshdVersion = number

/** From here on the PAM service is named by an option, and unruly addresses are shut out. */
const VERSION_WITH_PAM_SERVICE_NAME = 908

export interface SshdFiles {
  readonly port: number
  readonly hostKey: string
  readonly service: string
}

/** Whether argv[0]'s last part names the PAM service, as it did before 9.8. */
export function isNamedByProgram(version: SshdVersion): boolean {
  return version < VERSION_WITH_PAM_SERVICE_NAME
}

/** Reads `OpenSSH_9.2p1 Debian-2, OpenSSL 3.0` and the like. Throws on anything else. */
export function parseSshdVersion(text: string): SshdVersion {
  const match = /OpenSSH_(\d+)\.(\d+)/.exec(text)
  if (match === null) throw new Error('sshd does not say which OpenSSH it is')
  return Number(match[1]) * 100 + Number(match[2])
}

/**
 * A whole sshd_config. In sshd the first value wins, so the caller's settings stand before the
 * defaults; a Match block runs to the end of the file, so his blocks stand behind them.
 */
export function renderSshdConfig(own: string, files: SshdFiles, version: SshdVersion): string {
  const matchAt = own.search(/^[ \t]*match\b/im)
  const settings = matchAt < 0 ? own : own.slice(0, matchAt)
  const blocks = matchAt < 0 ? '' : own.slice(matchAt)
  return `${settings}\n${renderDefaults(files, version)}\n${blocks}\n`
}

function renderDefaults(files: SshdFiles, version: SshdVersion): string {
  const newer = [`PAMServiceName ${files.service}`, 'PerSourcePenalties no']
  return [
    `ListenAddress 127.0.0.1:${files.port}`,
    `HostKey ${files.hostKey}`,
    'PidFile none',
    'LogLevel DEBUG1',
    'UsePAM yes',
    'KbdInteractiveAuthentication yes',
    'PasswordAuthentication no',
    'PermitRootLogin no',
    'AuthorizedKeysFile .ssh/authorized_keys',
    'StrictModes yes',
    'UseDNS no',
    'PrintMotd no',
    // Many clients at once are one of the tests; the default drops the eleventh.
    'MaxStartups 1000:30:1000',
    'LoginGraceTime 60',
    'Subsystem sftp internal-sftp',
    ...(isNamedByProgram(version) ? [] : newer),
  ].join('\n')
}
