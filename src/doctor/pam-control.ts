/** What a module can answer, as controls name it (pam.d(5)). */
export const PAM_RETURNS = [
  'success',
  'open_err',
  'symbol_err',
  'service_err',
  'system_err',
  'buf_err',
  'perm_denied',
  'auth_err',
  'cred_insufficient',
  'authinfo_unavail',
  'user_unknown',
  'maxtries',
  'new_authtok_reqd',
  'acct_expired',
  'session_err',
  'cred_unavail',
  'cred_expired',
  'cred_err',
  'no_module_data',
  'conv_err',
  'authtok_err',
  'authtok_recover_err',
  'authtok_lock_busy',
  'authtok_disable_aging',
  'try_again',
  'ignore',
  'abort',
  'authtok_expired',
  'module_unknown',
  'bad_item',
  'conv_again',
  'incomplete',
] as const

export type PamReturn = (typeof PAM_RETURNS)[number]

/** What the actions of pam.d(5) come to; a number is a jump over so many. */
export type PamAction = 'ignore' | 'ok' | 'done' | 'bad' | 'die' | 'reset' | number

/** In its long form, as pam.d(5) has it. */
const KEYWORDS: Readonly<Record<string, string>> = {
  required: '[success=ok new_authtok_reqd=ok ignore=ignore default=bad]',
  requisite: '[success=ok new_authtok_reqd=ok ignore=ignore default=die]',
  sufficient: '[success=done new_authtok_reqd=done default=ignore]',
  optional: '[success=ok new_authtok_reqd=ok default=ignore]',
}
const NAMES: readonly string[] = [...PAM_RETURNS, 'default']

/**
 * What follows from an answer. A value that is not named falls to `default`, and without one to `bad`;
 * one mistake anywhere makes everything `bad`.
 */
export function actionFor(control: string, answer: PamReturn): PamAction {
  const pairs = parsePairs(KEYWORDS[control] ?? control)
  if (pairs === undefined) return 'bad'
  return pairs.named.get(answer) ?? pairs.rest ?? 'bad'
}

interface Pairs {
  readonly named: ReadonlyMap<string, PamAction>
  readonly rest: PamAction | undefined
}

/** Of a name that comes twice the last counts, but of `default` the first. */
function parsePairs(control: string): Pairs | undefined {
  const inner = /^\[(.*)\]$/s.exec(control)?.[1]
  if (inner === undefined) return undefined
  const words = inner.replace(/[ \t]*=[ \t]*/g, '=').split(/[ \t]+/)
  const named = new Map<string, PamAction>()
  let rest: PamAction | undefined
  for (const word of words.filter((each) => each !== '')) {
    const [, name = '', text = ''] = /^([a-z_]+)=(.*)$/.exec(word) ?? []
    const action = toAction(text)
    if (action === undefined || !NAMES.includes(name)) return undefined
    if (name === 'default') rest ??= action
    else named.set(name, action)
  }
  return { named, rest }
}

function toAction(word: string): PamAction | undefined {
  switch (word) {
    case 'ignore':
    case 'ok':
    case 'done':
    case 'bad':
    case 'die':
    case 'reset':
      return word
    default:
      return /^[1-9]\d{0,5}$/.test(word) ? Number(word) : undefined
  }
}
