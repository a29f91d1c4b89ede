import type { GivenCode } from './person.ts'
import type { Phone } from './phone.ts'
import type { Scene } from './scene.ts'
import type { Attempt } from './stage.ts'
import type { Finding } from './tally.ts'

/** Typed codes that may be wrong before the demo goes on with one of its own. */
const TRIES = 3

/** A login that got in with this code. */
export interface LoggedIn extends Finding {
  readonly code: string
}

/** A login that has to fail; `undefined`: with the key alone. */
export async function expectRefusal(scene: Scene, code: string | undefined): Promise<Finding> {
  const { outcome } = await logIn(scene, code)
  if (outcome === 'refused') return { isExpected: true, happened: 'refused, as it should be' }
  const happened = outcome === 'let-in' ? 'let in, and should not have been' : BROKEN
  return { isExpected: false, happened }
}

/** A login that has to succeed. */
export async function expectEntry(scene: Scene, code: string): Promise<Finding> {
  return judgeEntry(await logIn(scene, code))
}

/** The code from the phone; somebody who mistypes it is told what may be wrong, and asked again. */
export async function logInFromPhone(scene: Scene, phone: Phone): Promise<LoggedIn> {
  for (let tries = 1; ; tries++) {
    const { code, isTyped } = await nextCode(scene, phone, tries)
    const attempt = await logIn(scene, code)
    if (attempt.outcome !== 'refused' || !isTyped) return { ...judgeEntry(attempt), code }
    scene.screen.say(`That code was not right. ${phone.explain(code)}`, 'indented')
  }
}

async function nextCode(scene: Scene, phone: Phone, tries: number): Promise<GivenCode> {
  if (tries <= TRIES) return scene.person.giveCode(phone)
  scene.screen.say('Never mind: here is the right one.', 'indented')
  return { code: phone.code(), isTyped: false }
}

const BROKEN = 'not as a login should go: something is broken'

function judgeEntry({ outcome }: Attempt): Finding {
  if (outcome === 'let-in') return { isExpected: true, happened: 'let in' }
  const happened = outcome === 'refused' ? 'refused, and should have been let in' : BROKEN
  return { isExpected: false, happened }
}

async function logIn(scene: Scene, code: string | undefined): Promise<Attempt> {
  const { screen, stage, decisions } = scene
  const attempt = await stage.logIn(code)
  for (const { kind, text } of attempt.transcript) {
    if (kind === 'typed') screen.typed(text)
    else screen.seen(text)
  }
  // A login by the key alone never comes to a code: strangers cannot fill the log.
  if (code !== undefined) decisions.push(attempt.outcome === 'let-in' ? 'accepted' : 'denied')
  return attempt
}
