/** Makes a `switch` over a union exhaustive: a new variant no longer compiles until it is handled. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected variant: ${JSON.stringify(value)}`)
}
