import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { writeScript } from '../../bin/temporary-checkout.ts'
import { requireTool, runTool } from '../../support/run-tool.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { SSHD_ENTRIES } from './client-bench.ts'
import { buildClient, canRunClient, compileClient, compileSupport } from './client-program.ts'

const BUILD = fileURLToPath(new URL('../../../src/pam/client/build', import.meta.url))
const SHELL_TOOLS = ['dirname', 'mkdir', 'mv', 'rm'] as const
const scratch = useScratchDirectory()

/** Runs the build where nothing but a shell's own tools and these compilers are to be found. */
function buildWith(compilers: Readonly<Record<string, readonly string[]>>) {
  const path = scratch('bin')
  mkdirSync(path)
  for (const tool of SHELL_TOOLS) symlinkSync(`/usr/bin/${tool}`, scratch('bin', tool))
  for (const [name, lines] of Object.entries(compilers)) writeScript(scratch('bin', name), lines)
  const output = scratch('out/otpgate-client')
  const { status, stderr } = spawnSync(BUILD, [output], { env: { PATH: path }, encoding: 'utf8' })
  return { status, stderr, output }
}

describe.skipIf(!canRunClient())('the build of the client', () => {
  test('makes a program that asks for no dynamic linker', () => {
    const output = scratch('new/directory/otpgate-client')
    buildClient(output)
    const headers = requireTool('readelf', ['-lW', output]).stdout
    expect(headers).toContain('LOAD')
    expect(headers).not.toMatch(/INTERP|DYNAMIC/)
    expect(headers).toMatch(/GNU_STACK .* RW /)
  })

  test('makes one by the standard compiler too, where there is no musl', () => {
    const { status, stderr, output } = buildWith({
      cc: ['PATH=/usr/bin exec gcc "$@"'],
      readelf: ['exec /usr/bin/readelf "$@"'],
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(requireTool('readelf', ['-lW', output]).stdout).not.toMatch(/INTERP|DYNAMIC/)
  })

  test('refuses a program that is not static after all, and keeps the old one', () => {
    mkdirSync(scratch('out'))
    writeFileSync(scratch('out/otpgate-client'), 'old')
    const { status, stderr, output } = buildWith({
      cc: [
        'for word; do shift; [ "$word" = -static ] || set -- "$@" "$word"; done',
        'PATH=/usr/bin exec gcc "$@"',
      ],
      readelf: ['exec /usr/bin/readelf "$@"'],
    })
    expect(status).toBe(1)
    expect(stderr).toContain('not static')
    expect(readFileSync(output, 'utf8')).toBe('old')
    expect(existsSync(`${output}.new`)).toBe(false)
  })

  test.each([
    ['no compiler at all', {}],
    ['a compiler without headers', { cc: ['echo no headers >&2', 'exit 1'] }],
  ])('does without the client where there is %s, and leaves no old one', (_case, compilers) => {
    mkdirSync(scratch('out'))
    writeFileSync(scratch('out/otpgate-client'), 'old')
    const { status, stderr, output } = buildWith(compilers)
    expect(status).toBe(0)
    expect(stderr).toContain('no C compiler')
    expect(existsSync(output)).toBe(false)
  })

  test('says how it is called', () => {
    expect(runTool(BUILD, [])).toMatchObject({ status: 1, stdout: '' })
  })
})

describe.skipIf(!canRunClient())('a library in LD_PRELOAD', () => {
  const proven = ['--first-factor-missing'] as const

  function runWithLibrary(program: string) {
    compileSupport('preload.c', scratch('preload.so'), ['-shared', '-fPIC'])
    const entries = [...SSHD_ENTRIES, `LD_PRELOAD=${scratch('preload.so')}`]
    const env = Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s)))
    const { status, stdout } = spawnSync(program, proven, { env, encoding: 'utf8' })
    return { status, stdout }
  }

  test('has no say in the client', () => {
    buildClient(scratch('otpgate-verify'))
    expect(runWithLibrary(scratch('otpgate-verify'))).toEqual({ status: 1, stdout: '' })
  })

  test('would let everybody in if it were dynamic', () => {
    compileClient(scratch('otpgate-verify'), [])
    const took = { status: 0, stdout: 'taken over\n' }
    expect(runWithLibrary(scratch('otpgate-verify'))).toEqual(took)
  })
})
