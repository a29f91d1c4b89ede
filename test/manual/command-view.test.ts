import { expect, test } from 'vitest'
import { listCommands, viewProgram } from '../../src/manual/command-view.ts'

const COMMANDS = listCommands(viewProgram())

function find(path: string) {
  return COMMANDS.find((command) => command.path === path)
}

test('the command that is meant where none is named is known', () => {
  expect(find('otpgate bypass')?.implied).toBe('issue')
  expect(find('otpgate device')?.implied).toBeUndefined()
})

test('a command is seen with its aliases, and what its arguments and options can hold', () => {
  const enroll = find('otpgate enroll')
  expect(enroll?.aliases).toEqual(['enrol'])
  expect(enroll?.arguments).toEqual([
    { name: 'user', about: '', isRequired: true, isRepeated: false, subject: { kind: 'user' } },
  ])
  const subjects = enroll?.options.map(({ long, value }) => ({ long, subject: value?.subject }))
  expect(subjects).toContainEqual({ long: '--out', subject: { kind: 'file' } })
  expect(subjects).toContainEqual({ long: '--invert', subject: undefined })
  expect(subjects).toContainEqual({
    long: '--digits',
    subject: { kind: 'choice', choices: ['6', '7', '8'] },
  })
})
