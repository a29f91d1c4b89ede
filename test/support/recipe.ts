import type { Otpgate } from './otpgate-host.ts'
import type { PrivateSshd } from './private-sshd.ts'
import { fillPamRecipe, readExample } from './shipped-example.ts'
import type { ThrowawayHost } from './throwaway-host.ts'

/** The recipes for sshd: names of files in examples/, pam.d/otpgate-NAME and sshd_config.d/. */
const RECIPES = {
  'key-then-code': '00-otpgate.conf',
  'password-then-code': '00-otpgate-password-then-code.conf',
  'password-and-code': '00-otpgate-password-and-code.conf',
  'group-first': '00-otpgate-group-first.conf',
  lean: '00-otpgate.conf',
} as const
export type RecipeName = keyof typeof RECIPES

/** The lines that run the verifier, by the argument that is theirs. */
export type HelperLine =
  | 'excused'
  | 'code'
  | 'account'
  | 'first-factor-missing'
  | 'password-and-code'
  | 'outside-group'
  | 'outside-group of account'

export interface RecipeOptions {
  readonly recipe?: RecipeName
  /** Programs that stand on a line in the verifier's place; its arguments stay. */
  readonly programs?: Partial<Record<HelperLine, string>>
  /** In place of the shipped sshd_config drop-in. */
  readonly config?: string
  /** In place of the group "otpgate". */
  readonly group?: string
}

/** A recipe of examples/pam.d for this otpgate. */
export function fillRecipe(
  otpgate: Otpgate,
  { recipe = 'key-then-code', programs = {}, group = 'otpgate' }: RecipeOptions = {},
): string {
  const [launcher] = otpgate.verifier
  return fillPamRecipe(readExample(`pam.d/otpgate-${recipe}`), otpgate.verifier)
    .replaceAll('--outside-group otpgate', `--outside-group ${group}`)
    .split('\n')
    .map((line) => {
      const program = line.includes(launcher) ? programs[helperOf(line)] : undefined
      return program === undefined ? line : line.replace(launcher, program)
    })
    .join('\n')
}

/** An sshd with what we ship: the recipe as its PAM service, and the drop-in. */
export function startRecipe(
  host: ThrowawayHost,
  otpgate: Otpgate,
  options: RecipeOptions = {},
): Promise<PrivateSshd> {
  const { recipe = 'key-then-code', group = 'otpgate' } = options
  const shipped = readExample(`sshd_config.d/${RECIPES[recipe]}`)
  const config = options.config ?? shipped.replaceAll('Group otpgate', `Group ${group}`)
  const service = host.addPamService(fillRecipe(otpgate, options))
  return host.startSshd({ service, config })
}

const ARGUMENTS = ['excused', 'first-factor-missing', 'password-and-code'] as const

function helperOf(line: string): HelperLine {
  const isAccount = line.startsWith('account')
  if (line.includes(' --outside-group')) {
    return isAccount ? 'outside-group of account' : 'outside-group'
  }
  if (isAccount) return 'account'
  return ARGUMENTS.find((argument) => line.includes(` --${argument}`)) ?? 'code'
}
