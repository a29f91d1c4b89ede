import packageJson from '../../package.json' with { type: 'json' }

/** Version of this program (semver.org). */
export const VERSION: string = packageJson.version
