/** Where a host keeps what `otpgate setup ssh` looks at and changes. All paths are absolute. */
export interface SetupPlaces {
  /** sshd itself. */
  readonly sshd: string
  readonly sshdConfig: string
  readonly dropInDirectory: string
  readonly pamDirectory: string
  /** The PAM service of sshd, and the name of its file below `pamDirectory`. */
  readonly pamService: string
  /** Journal and originals. root's alone, so not below the directory of the daemon's user. */
  readonly stateDirectory: string
  readonly unitDirectory: string
  readonly systemctl: string
  /** There where systemd runs as process 1 (sd_booted(3)). */
  readonly systemdMark: string
  readonly getent: string
  /** proc(5). */
  readonly procDirectory: string
  /** The directory of this installation. */
  readonly programRoot: string
  /** The command line, as the watcher starts it. */
  readonly otpgate: string
}

/** The drop-in's name: it sorts before others, and in sshd the first value wins. */
export const DROP_IN_NAME = '00-otpgate.conf'
/** The unit that goes on when the terminal is gone. */
export const UNIT_NAME = 'otpgate-setup.service'
