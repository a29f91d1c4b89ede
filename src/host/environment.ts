/** What the programs read from their environment; the launchers pass nothing else on. */
export interface Environment {
  readonly TERM?: string
  readonly COLUMNS?: string
  readonly NO_COLOR?: string
  readonly SUDO_UID?: string
  readonly SUDO_USER?: string
}

/** The environment of this process. The only place that reads it. */
export function readEnvironment(): Environment {
  return process.env
}
