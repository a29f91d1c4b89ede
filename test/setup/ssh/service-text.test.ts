import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { includeRecipe } from '../../../src/setup/ssh/service-text.ts'

const PATH = '/etc/pam.d/sshd'
const edit = (text: string) => includeRecipe(text, PATH, 'otpgate-key-then-code')

describe('includeRecipe', () => {
  test("changes one line of Debian's own file, and no other byte", () => {
    const text = readFileSync(PATH, 'latin1')
    const edited = edit(text)
    expect(edited.replace('@include otpgate-key-then-code', '@include common-auth')).toBe(text)
    expect(edited).not.toBe(text)
  })

  test.each([
    '@include common-auth',
    '  @include\tcommon-auth  # as ever',
  ])('knows the line %j', (line) => {
    expect(edit(`a\n${line}\nb`)).toBe('a\n@include otpgate-key-then-code\nb')
  })

  test.each([
    ['no such line', 'auth substack password-auth\n'],
    ['only one in a comment', '#@include common-auth\n'],
    ['another file', '@include common-auth-extra\n'],
    ['two such lines', '@include common-auth\n@include common-auth\n'],
    ['nothing', ''],
  ])('refuses a file with %s, and says what to write', (_, text) => {
    expect(() => edit(text)).toThrow(
      expect.objectContaining({
        code: 'ERR_REFUSED',
        hint: expect.stringContaining('@include otpgate-key-then-code'),
      }),
    )
  })

  test.each([
    '@include otpgate-lean\n@include common-auth\n',
    '@include common-auth\naccount requisite pam_exec.so /opt/otpgate-verify --account\n',
  ])('refuses a file that asks otpgate already: %j', (text) => {
    expect(() => edit(text)).toThrow(
      expect.objectContaining({ code: 'ERR_REFUSED', message: expect.stringContaining('already') }),
    )
  })

  test('does not take a comment about otpgate for that', () => {
    expect(edit('# otpgate was here\n@include common-auth\n')).toContain('@include otpgate-')
  })
})
