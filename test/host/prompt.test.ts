import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const FIXTURE = fileURLToPath(new URL('prompt-fixture.ts', import.meta.url))

interface Turn {
  /** What has to be seen before the keys are pressed. */
  readonly after: string
  readonly keys: string
}

/** Runs the fixture, which has stty(1) show the terminal at the end, on one of script(1)'s. */
async function runOnTerminal(turns: readonly Turn[]) {
  const command = `'${process.execPath}' '${FIXTURE}'`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = [...turns]
  let screen = ''
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString()
    const turn = waiting[0]
    if (turn === undefined || !screen.includes(turn.after)) return
    waiting.shift()
    child.stdin.write(turn.keys)
  })
  await once(child, 'close')
  const report = /<(.*)>/.exec(screen)?.[1] ?? ''
  return { screen, result: JSON.parse([...report].reverse().join('') || 'null') }
}

describe('prompts on a terminal', () => {
  test('show what is typed, unless it is secret, and leave the terminal as it was', async () => {
    const { screen, result } = await runOnTerminal([
      { after: 'Name: ', keys: 'alice\r' },
      { after: 'Secret: ', keys: 'GEZDGNBV\r' },
    ])
    expect(result).toEqual({ answers: ['alice', 'GEZDGNBV'] })
    expect(screen).toContain('Name: alice\r\n')
    expect(screen).not.toContain('GEZDGNBV')
    expect(screen).toMatch(/\bicanon\b.*\secho\b/s)
    expect(screen).not.toMatch(/-icanon|-echo\b/)
  })

  test('let people correct themselves, and keep what was pasted ahead', async () => {
    const keys = 'alxx\x7f\x08ice\x1b[D\rwrong\x15right\r'
    const { result } = await runOnTerminal([{ after: 'Name: ', keys }])
    expect(result).toEqual({ answers: ['alice', 'right'] })
  })

  test('end with ERR_REFUSED on Ctrl-C, with the terminal as it was', async () => {
    const { screen, result } = await runOnTerminal([
      { after: 'Name: ', keys: 'alice\r' },
      { after: 'Secret: ', keys: 'GEZD\x03' },
    ])
    expect(result).toEqual({ error: 'ERR_REFUSED' })
    expect(screen).not.toContain('GEZD')
    expect(screen).not.toMatch(/-icanon|-echo\b/)
  })

  test('take Ctrl-D on an empty line as the end', async () => {
    const { result } = await runOnTerminal([
      { after: 'Name: ', keys: 'a\x04\r' },
      { after: 'Secret: ', keys: '\x04' },
    ])
    expect(result).toEqual({ answers: ['a', null] })
  })
})
