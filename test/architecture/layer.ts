/** What the files of one folder may use. */
export interface LayerRule {
  /** Layers, or single files, of ours. */
  readonly layers: readonly string[]
  /** The same, for `import type` only. */
  readonly typesOf?: readonly string[]
  readonly packages: readonly string[]
  /** Modules of Node at run time. */
  readonly builtins: readonly string[] | 'any'
}

const RULES = ['domain', 'base'] as const
const PROGRAM = ['wire', 'host', 'app', ...RULES] as const

/** Imports only go down. A folder that is not named here may not exist. */
export const LAYERS: Readonly<Record<string, LayerRule>> = {
  cli: {
    layers: [
      ...PROGRAM,
      'wire-backup',
      'wire-restore',
      'wire-key',
      'wire-rotate',
      'wire-paper',
      'wire-notify',
      'wire-upgrade',
      'doctor',
      'setup',
      'interchange',
      'render',
      'config',
    ],
    packages: ['commander', 'pino'],
    builtins: ['node:path', 'node:stream', 'node:util'],
  },
  daemon: { layers: PROGRAM, packages: ['pino'], builtins: ['node:net', 'node:path'] },
  pam: { layers: PROGRAM, packages: [], builtins: [] },
  wire: {
    layers: ['store', 'vault', 'config', 'host', 'app', ...RULES],
    packages: [],
    builtins: ['node:path'],
  },
  'wire-key-lock': { layers: ['wire', 'host', 'base'], packages: [], builtins: [] },
  'wire-key': {
    layers: ['wire', 'store', 'vault', 'host', 'app', ...RULES],
    packages: [],
    builtins: [],
  },
  'wire-rotate': {
    layers: ['wire', 'wire-key', 'wire-key-lock', 'store', 'host', 'app', ...RULES],
    packages: [],
    builtins: [],
  },
  'wire-paper': {
    layers: ['wire', 'wire-key', 'vault', 'host', ...RULES],
    packages: [],
    builtins: [],
  },
  'wire-backup': {
    layers: ['wire', 'wire-key', 'store', 'vault', 'host', 'app', ...RULES],
    packages: [],
    builtins: [],
  },
  'wire-restore': {
    layers: ['wire', 'wire-key', 'wire-key-lock', 'wire-backup', 'store', 'host', 'app', ...RULES],
    packages: [],
    builtins: ['node:path'],
  },
  'wire-notify': {
    layers: ['wire', 'store', 'host', 'app', ...RULES],
    packages: [],
    builtins: [],
  },
  'wire-upgrade': {
    layers: ['wire', 'store', 'host'],
    packages: [],
    builtins: [],
  },
  manual: {
    layers: ['cli', 'daemon', 'wire', 'app', 'config', ...RULES],
    packages: ['commander'],
    builtins: [],
  },
  doctor: { layers: ['config', 'host', 'app', ...RULES], packages: [], builtins: ['node:path'] },
  setup: { layers: ['config', 'host', 'app', ...RULES], packages: [], builtins: ['node:path'] },
  interchange: { layers: RULES, packages: [], builtins: [] },
  render: { layers: RULES, packages: ['qrcode-terminal'], builtins: ['node:zlib'] },
  config: { layers: RULES, packages: ['smol-toml'], builtins: ['node:path/posix'] },
  vault: {
    layers: ['app/ports.ts', 'base'],
    typesOf: ['domain'],
    packages: ['argon2'],
    builtins: ['node:crypto'],
  },
  store: {
    layers: ['app/ports.ts', ...RULES],
    packages: ['better-sqlite3'],
    builtins: ['node:crypto'],
  },
  host: {
    layers: ['app/ports.ts', 'base'],
    typesOf: ['domain/name.ts'],
    packages: [],
    builtins: 'any',
  },
  app: { layers: RULES, packages: [], builtins: [] },
  domain: { layers: ['base'], packages: ['otpauth'], builtins: ['node:crypto'] },
  base: { layers: [], packages: [], builtins: ['node:net', 'node:buffer'] },
}

/** What single files may use beyond their layer: the programs themselves, each for its reason. */
export const FILE_BUILTINS: Readonly<Record<string, readonly string[]>> = {
  // The line to the user is written before the process ends: process.stdout may be too late.
  'pam/main.ts': ['node:fs'],
  // The image that it runs lies beside it.
  'pam/start.ts': ['node:path'],
  'cli/start.ts': ['node:path'],
  // The issuer of new devices is the name of the host, unless the configuration says another.
  'cli/main.ts': ['node:os'],
}

/** The one file outside src that a file imports: each program says its version. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  'cli/version.ts': '../package.json',
  'daemon/version.ts': '../package.json',
}

/** Packages that one file of ours imports, so that replacing one is a change of one file. */
export const ONE_FILE_PACKAGES: readonly string[] = [
  'argon2',
  'otpauth',
  'pino',
  'qrcode-terminal',
  'smol-toml',
]

/** Packages that are loaded when they are first needed, never with the program. */
export const LAZY_PACKAGES: readonly string[] = ['argon2']

/** Besides host/, the only files that may know the process they run in. */
export const MAINS: readonly string[] = ['pam/main.ts', 'cli/main.ts', 'daemon/main.ts']

/** `domain/otp.ts` -> `domain`, `wire.ts` -> `wire`. */
export function layerOf(path: string): string {
  const slash = path.indexOf('/')
  return slash < 0 ? path.replace(/\.ts$/, '') : path.slice(0, slash)
}
