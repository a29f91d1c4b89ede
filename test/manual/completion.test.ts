import { afterAll, describe, expect, test } from 'vitest'
import { listCommands, viewProgram } from '../../src/manual/command-view.ts'
import { listCompletions } from '../../src/manual/completion/list.ts'
import { canRunWith } from '../support/host-requirement.ts'
import { openShell } from './completing-shell.ts'

const COMMANDS = listCommands(viewProgram())

test('the same sources make the same completions', () => {
  expect(listCompletions()).toEqual(listCompletions())
})

describe.runIf(canRunWith('completion', ['bash', 'fish', 'zsh', 'expect']))('completion', () => {
  // Somebody whom otpgate knows, and who is on every host; nobody else may then be offered.
  const shell = openShell(['daemon'])
  const empty = openShell([])
  afterAll(() => {
    shell.end()
    empty.end()
  })

  const askAll = {
    bash: (lines: readonly string[], on = shell) =>
      on.askBash(...lines.map((line) => line.split(' '))),
    fish: (lines: readonly string[], on = shell) => on.askFish(...lines),
  } as const

  describe.each(['bash', 'fish'] as const)('in %s', (name) => {
    const ask = (line: string, on = shell) => askAll[name]([line], on)[0]

    test('knows every command', () => {
      const parents = COMMANDS.filter(({ commands }) => commands.length > 0)
      const offers = askAll[name](parents.map(({ path }) => `${path} `))
      for (const [at, { commands }] of parents.entries()) {
        const names = commands.map((command) => command.name)
        expect(offers[at]).toEqual(expect.arrayContaining(names))
      }
    })

    test('knows every option', () => {
      const offers = askAll[name](COMMANDS.map(({ path }) => `${path} --`))
      for (const [at, { options }] of COMMANDS.entries()) {
        const longs = options.map(({ long }) => long)
        expect(offers[at]).toEqual(expect.arrayContaining(longs))
      }
    })

    test.each([
      { line: 'otpgate en', offered: ['enroll'] },
      { line: 'otpgate enrol --ty', offered: ['--type'] },
      { line: 'otpgate enroll --qr ', offered: ['none', 'png', 'svg', 'terminal'] },
      { line: 'otpgate --config x.toml device re', offered: ['remove', 'rename', 'resync'] },
      { line: 'otpgate help conf', offered: ['config', 'confirm'] },
      { line: 'otpgate suspend root --group dae', offered: ['daemon'] },
    ])('offers $offered for: $line', ({ line, offered }) => {
      expect(ask(line)).toEqual(offered)
    })

    test('offers whom otpgate knows, each place of a name by itself', () => {
      expect(ask('otpgate show ')).toEqual(['daemon'])
      expect(ask('otpgate unlock daemon ')).toEqual(['daemon'])
      expect(ask('otpgate device remove ')).toEqual(['daemon'])
      expect(ask('otpgate device remove daemon ')).toEqual([])
      expect(ask('otpgate bypass da')).toEqual(['daemon'])
    })

    test('offers who can log in where strangers are meant, or nobody is known', () => {
      const strangers = ask('otpgate enroll ')
      expect(strangers).toContain('root')
      expect(strangers).not.toContain('daemon')
      expect(ask('otpgate show ', empty)).toContain('root')
    })
  })

  test('in bash an option may be joined to its value', () => {
    expect(shell.askBash(['otpgate', 'list', '--status', '=', 'enr'])).toEqual([['enrolled']])
    expect(shell.askBash(['otpgate', 'list', '--status', '='])[0]).toContain('enrolled')
  })

  test('in fish files are offered where a file is wanted', () => {
    expect(shell.askFish('otpgate --config otpgate.t')).toEqual([['otpgate.toml']])
    expect(shell.askFish('otpgate restore otpgate.t', 'otpgate backup otpgate.t')).toEqual([
      ['otpgate.toml'],
      ['otpgate.toml'],
    ])
  })

  test('in bash a file is one word, whatever its name would run', () => {
    const names = [
      'a-$(touch ran1).db',
      'b-`touch ran2`.db',
      'c-two words.db',
      "d-it's.db",
      'e-"x";touch ran3;.db',
      'f-new\nline.db',
      '-g.db',
    ]
    const typed = ['a', 'b', 'c', 'd', 'e', 'f', './-']
    const lines = [
      ...typed.map((start) => ({ typed: `otpgate restore ${start}`, shown: 'db' })),
      { typed: 'otpgate --config c', shown: 'db' },
      { typed: 'exit #', shown: '#' },
    ]
    const screen = shell.typeInBash(names, lines).replaceAll('\r', '')
    expect(screen).not.toMatch(/not seen|ended before/)
    for (const name of names.slice(0, -1)) expect(screen).toContain(`ran <restore ${name}>`)
    expect(screen).toContain('ran <restore ./-g.db>')
    expect(screen).toContain('ran <--config c-two words.db>')
    expect(shell.listFiles().toSorted()).toEqual(names.toSorted())
  })

  test('in zsh Tab finishes commands, options, values and names', () => {
    const lines = [
      { typed: 'otpgate maint', shown: 'maintain ' },
      { typed: 'otpgate unlock --rea', shown: '--reason ' },
      { typed: 'otpgate audit --js', shown: '--json ' },
      { typed: 'otpgate qr --qr ter', shown: 'terminal ' },
      { typed: 'otpgate device ren', shown: 'rename ' },
      { typed: 'otpgate show dae', shown: 'daemon ' },
      { typed: 'otpgate bypass dae', shown: 'daemon ' },
      { typed: 'otpgate recovery new dae', shown: 'daemon ' },
      { typed: 'otpgate waive ro', shown: 'root ' },
      { typed: 'otpgate waive --group dae', shown: 'daemon ' },
      { typed: 'otpgate --config otpgate.t', shown: 'otpgate.toml ' },
    ]
    const screen = shell.typeInZsh([...lines, { typed: 'exit #', shown: '#' }])
    expect(screen).not.toMatch(/not seen|ended before/)
    expect(screen).toContain('ran <device rename>')
    expect(screen).toContain('ran <qr --qr terminal>')
    expect(screen).toContain('ran <bypass daemon>')
    expect(screen).toContain('ran <recovery new daemon>')
  })
})
