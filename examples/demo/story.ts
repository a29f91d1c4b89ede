import { readAudit, verifyAudit } from './audit-step.ts'
import { enroll, setUp } from './enroll-step.ts'
import { expectEntry, expectRefusal, logInFromPhone } from './login-step.ts'
import type { Scene } from './scene.ts'
import { createTally } from './tally.ts'

/** Runs every step, in order; whether all went as expected. */
export async function tellStory(scene: Scene): Promise<boolean> {
  const tally = createTally(scene.screen)
  await tally.step(TEXT.setUp, () => setUp(scene))
  const { phone, recoveryCode } = await tally.step(TEXT.enroll, () => enroll(scene))
  await tally.step(TEXT.keyAlone, () => expectRefusal(scene, undefined))
  await tally.step(TEXT.wrongCode, () => expectRefusal(scene, phone.wrongCode()))
  const { code } = await tally.step(TEXT.rightCode, () => logInFromPhone(scene, phone))
  await tally.step(TEXT.replay, () => expectRefusal(scene, code))
  await tally.step(TEXT.recovery, () => expectEntry(scene, recoveryCode))
  await tally.step(TEXT.audit, () => readAudit(scene))
  await tally.step(TEXT.verify, () => verifyAudit(scene))
  return tally.total()
}

const TEXT = {
  setUp: {
    title: 'The admin sets otpgate up',
    why: 'Secrets are sealed in the database. The key is a file of its own, so a stolen backup of the database is worth nothing.',
  },
  enroll: {
    title: 'The admin enrolls somebody',
    why: 'The first right code confirms the app. (Without --no-confirm, enroll asks for one at once.)',
  },
  keyAlone: {
    title: 'Somebody logs in with the SSH key alone',
    why: 'A stolen laptop has the key. That is one factor, and not enough.',
  },
  wrongCode: {
    title: 'With the key and a guessed code',
    why: 'Guesses are counted: after five in a row there is a wait, and it doubles.',
  },
  rightCode: {
    title: 'With the key and the right code',
    why: 'Two factors: something on the laptop, something on the phone.',
  },
  replay: {
    title: 'The same code once more',
    why: 'Whoever looked over your shoulder has a code that is used up already.',
  },
  recovery: {
    title: 'The phone is lost: a recovery code',
    why: 'Each works once. It gets people back in without waking the admin.',
  },
  audit: {
    title: 'What the audit log says',
    why: 'Who, when, how, from where, and why not. It also goes to the system log.',
  },
  verify: {
    title: 'Somebody rewrites the audit log',
    why: 'Each row is chained to the one before with a key that is not in the log.',
  },
} as const
