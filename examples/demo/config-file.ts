import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where otpgate's files of the demo are. */
export interface Folders {
  /** Others may pass through. */
  readonly directory: string
  /** 0700. */
  readonly secretDirectory: string
}

/** What authenticator apps show above the code. */
export const ISSUER = 'otpgate'

/** Writes an otpgate.toml that keeps everything inside the folders; returns its path. */
export function writeConfig({ directory, secretDirectory }: Folders): string {
  const configPath = join(directory, 'otpgate.toml')
  writeConfigFile(configPath, {
    database: join(secretDirectory, 'otpgate.db'),
    key: join(secretDirectory, 'master.key'),
  })
  return configPath
}

/** One otpgate.toml for this database and key. JSON's strings are TOML's basic strings. */
export function writeConfigFile(
  path: string,
  files: { readonly database: string; readonly key: string },
): void {
  const lines = [
    '[store]',
    `path = ${JSON.stringify(files.database)}`,
    `key_file = ${JSON.stringify(files.key)}`,
    '[totp]',
    `issuer = ${JSON.stringify(ISSUER)}`,
  ]
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o644 })
}
