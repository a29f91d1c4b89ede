import { expect, test } from 'vitest'
import { openRawDatabase } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import type { Otpgate } from '../support/otpgate-host.ts'
import { findControls, namesLike } from './hostile-word.ts'

/** Everything a terminal might act upon, in one text. */
const NASTY = `x${Array.from({ length: 0xa0 }, (_, point) => String.fromCodePoint(point))
  .filter((character) => character !== '\0' && !/[ -~]/.test(character))
  .join('')}\u2028\u202e\u200b\u{e0041}y`

/** What a reason may not hold from the start. */
const LINE_ENDS = /[\n\v\f\r\x85\u2028]/g

describeOnHost('text that somebody else put into the database', (onHost) => {
  test('brings no control character to the terminal', async () => {
    const { enroll, otpgate } = onHost()
    const { name } = await enroll()
    const oneLine = NASTY.replace(LINE_ENDS, '')
    await otpgate.require(['reset', name, '--yes', '--reason', oneLine])
    await otpgate.require(['enroll', name, '--no-confirm', '--no-recovery', '--qr', 'none'])
    spoil(otpgate, name)

    const commands = [
      ['list'],
      ['show', name],
      ['show', NASTY],
      ['audit'],
      ['audit', name],
      ['audit', 'verify'],
      ['qr', name, '--qr', 'none'],
      ['confirm', name],
      ['test', name],
      ['unlock', NASTY],
      ['recovery', 'show', name],
      ['config', 'show'],
      ['reset', name],
    ]
    for (const command of commands.flatMap((words) => [words, [...words, '--json']])) {
      const { status, stdout, stderr } = await otpgate.run(command)
      expect({ command, controls: findControls(stdout + stderr) }).toEqual({
        command,
        controls: [],
      })
      expect(status).toBeLessThanOrEqual(9)
      expect(stderr).not.toContain('internal error')
    }
    const { stdout } = await otpgate.run(['list'])
    // A line each but for the empty name, and for the headers, the person, the nasty one and the end.
    expect(stdout.split('\n').length).toBe(namesLike('mallory').length - 1 + 4)
  })
})

/** As only somebody who can write the file could. */
function spoil(otpgate: Otpgate, name: string): void {
  const db = openRawDatabase(otpgate)
  try {
    const copy = db.prepare(`
      INSERT OR REPLACE INTO account
        (name, uid, override_kind, override_reason, throttle_code, throttle_one_time, created_at)
      SELECT :as, uid, 'suspended', :nasty, throttle_code, throttle_one_time, created_at
      FROM account WHERE name = :name`)
    for (const { word } of namesLike('mallory')) copy.run({ as: word, nasty: NASTY, name })
    copy.run({ as: NASTY, nasty: NASTY, name })
    db.prepare('UPDATE device SET label = ?').run(NASTY)
    db.prepare(`INSERT INTO known_source VALUES (:name, :nasty, :nasty, 1, 1)`).run({
      name,
      nasty: NASTY,
    })
    db.prepare(`UPDATE audit SET actor = :nasty, account = CASE seq WHEN 1 THEN :name ELSE :nasty END,
      device = :nasty, reason = :nasty, rule = :nasty, address = :nasty, service = :nasty,
      method = :nasty, first_factor = :nasty`).run({ nasty: NASTY, name })
    db.prepare('INSERT OR REPLACE INTO counted_denial VALUES (?, ?, 1, 2, 3)').run(name, NASTY)
  } finally {
    db.close()
  }
}
