import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listCompletions } from '../../src/manual/completion/list.ts'
import { DIRECTORY_PREFIX } from '../support/host-scope.ts'
import { requireTool, runTool } from '../support/run-tool.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/otpgate')

/** A host of one's own as far as shells look: completions, and an otpgate with people in it. */
export interface CompletingShell {
  /** What bash offers in the place of the last word of each of these lines. */
  readonly askBash: (...lines: readonly (readonly string[])[]) => readonly Offer[]
  /** What fish offers at the end of each line. */
  readonly askFish: (...lines: readonly string[]) => readonly Offer[]
  /** What zsh runs when Tab is pressed at the end of each line, and then Enter. */
  readonly typeInZsh: (lines: readonly TypedLine[]) => string
  /** The same for bash, in a directory of these files. */
  readonly typeInBash: (files: readonly string[], lines: readonly TypedLine[]) => string
  /** What is in that directory by then. */
  readonly listFiles: () => readonly string[]
  readonly end: () => void
}

/** In alphabetical order. */
export type Offer = readonly string[]

/** A command line up to Tab, and what has to be there before Enter is pressed. */
export interface TypedLine {
  readonly typed: string
  readonly shown: string
}

/** `people` are enrolled, in a database of its own. */
export function openShell(people: readonly string[]): CompletingShell {
  const root = mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}shell-`))
  for (const { name, text } of listCompletions()) writeFileSync(join(root, name), text)
  const stub = join(root, 'bin')
  requireTool('mkdir', [stub])
  writeProgram(root, join(stub, 'otpgate'))
  enroll(root, join(stub, 'otpgate'), people)
  const path = `PATH=${stub}:/usr/local/bin:/usr/bin:/bin`
  const home = [`HOME=${root}`, path, 'TERM=dumb', 'LC_ALL=C.UTF-8']
  const run = (...command: readonly string[]) => {
    const { stdout, stderr } = runTool('env', ['-i', '-C', root, ...home, ...command])
    if (stderr !== '') throw new Error(`a shell complains: ${stderr}`)
    return stdout
  }
  const work = join(root, 'work')
  const type = (shell: string, lines: readonly TypedLine[]) => {
    const start = EXPECT_START.replace('SHELL', shell)
    writeFileSync(join(root, 'type.exp'), `${start}\n${lines.map(press).join('\n')}\n`)
    return run('expect', join(root, 'type.exp'))
  }
  return {
    askBash: (...lines) => {
      const words = lines.flatMap((line) => [...line, LINE_END])
      return toOffers(run('bash', '--norc', '-c', BASH, 'bash', join(root, 'otpgate'), ...words))
    },
    askFish: (...lines) =>
      toOffers(run('fish', '--no-config', '-c', FISH, join(root, 'otpgate.fish'), ...lines)),
    typeInZsh: (lines) => {
      writeFileSync(join(root, '.zshrc'), `fpath=(${root} $fpath)\n${ZSH}`)
      return type('zsh -i', lines)
    },
    typeInBash: (files, lines) => {
      mkdirSync(work)
      for (const name of files) writeFileSync(join(work, name), '')
      writeFileSync(join(root, 'bashrc'), `source ${root}/otpgate; cd ${work}\n${BASH_PROMPT}`)
      return type(`bash --rcfile ${root}/bashrc -i`, lines)
    },
    listFiles: () => readdirSync(work),
    end: () => rmSync(root, { recursive: true }),
  }
}

/** Says what it was run with, but for what completion asks: that the real one answers. */
function writeProgram(root: string, file: string): void {
  const real = `exec '${PROGRAM}' --config '${root}/otpgate.toml' "$@"`
  const lines = ['#!/bin/sh', `case $1 in list|init|enroll) ${real} ;; esac`, 'echo "ran <$*>"']
  writeFileSync(file, `${lines.join('\n')}\n`)
  chmodSync(file, 0o755)
}

function enroll(root: string, program: string, people: readonly string[]): void {
  const store = `[store]\npath = "${root}/otpgate.db"\nkey_file = "${root}/master.key"\n`
  writeFileSync(join(root, 'otpgate.toml'), store)
  requireTool(program, ['init'])
  for (const name of people) {
    requireTool(program, ['enroll', name, '--no-confirm', '--no-recovery', '--qr', 'none'])
  }
}

/** Each offer ends by a line of its own. */
function toOffers(text: string): readonly Offer[] {
  const offers = text.split(`${LINE_END}\n`).slice(0, -1)
  return offers.map((offer) => offer.split('\n').filter(Boolean).sort())
}

const LINE_END = ';'

const BASH = `source "$1"; shift
COMP_WORDS=()
for word; do
  if [ "$word" != '${LINE_END}' ]; then COMP_WORDS+=("$word"); continue; fi
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  _otpgate
  printf '%s\\n' "\${COMPREPLY[@]}" '${LINE_END}'
  COMP_WORDS=()
done`

const FISH = `source $argv[1]
for line in $argv[2..-1]
  complete -C $line | string split -f1 \\t
  echo '${LINE_END}'
end`

const ZSH = `PROMPT='ready> '
autoload -U compinit && compinit -u -D
`

const BASH_PROMPT = `PS1='ready> '
bind 'set enable-bracketed-paste off'
`

const EXPECT_START = `set timeout 20
log_user 1
spawn -noecho SHELL
proc wait_for {text} {
  expect {
    -exact $text {}
    timeout { puts "\\nnot seen: $text"; exit 1 }
    eof { puts "\\nended before: $text"; exit 1 }
  }
}`

function press({ typed, shown }: TypedLine): string {
  return [
    'wait_for {ready> }',
    `send -- {${typed}}`,
    `send -- "\\t"`,
    `wait_for {${shown}}`,
    `send -- "\\r"`,
  ].join('\n')
}
