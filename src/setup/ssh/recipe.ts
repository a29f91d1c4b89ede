import { join } from 'node:path'
import { lastingName, readShippedFile } from '../../host/path.ts'
import { findVerifier, PROGRAM_NAME, RECIPE_VERIFIER } from '../program-file.ts'
import type { Recipe } from './journal.ts'
import type { SetupPlaces } from './places.ts'

/** The group that the shipped examples name. */
const EXAMPLE_GROUP = 'otpgate'

const HEADER = '# Written by "otpgate setup ssh"; "otpgate setup revert" takes it back.'

/** What an admin wants. */
export interface RecipeChoice {
  readonly recipe: Recipe
  /** Whose members alone are asked for a code. */
  readonly group: string | undefined
}

/** One recipe: its two files, and what sshd must say of the people it is for. */
export interface RecipeText {
  /** Name of the file below pam.d. */
  readonly pamName: string
  readonly pamText: string
  readonly dropInText: string
  /** `AuthenticationMethods`, as `sshd -T` prints it. */
  readonly methods: string
  /** Whether a password may be the first factor. */
  readonly takesPassword: boolean
  /** Whether it is for a group alone: sshd then goes on as before for everybody else. */
  readonly sparesOutsiders: boolean
}

type RecipeFacts = Pick<RecipeText, 'pamName' | 'methods' | 'takesPassword' | 'sparesOutsiders'>

interface RecipeFiles extends RecipeFacts {
  readonly dropIn: string
}

const KEY_CODE = 'publickey,keyboard-interactive:pam'
const FILES: Readonly<Record<Recipe | 'group', RecipeFiles>> = {
  'key+code': {
    pamName: 'otpgate-key-then-code',
    dropIn: '00-otpgate.conf',
    methods: KEY_CODE,
    takesPassword: false,
    sparesOutsiders: false,
  },
  'password+code': {
    pamName: 'otpgate-password-then-code',
    dropIn: '00-otpgate-password-then-code.conf',
    methods: `${KEY_CODE} password,keyboard-interactive:pam`,
    takesPassword: true,
    sparesOutsiders: false,
  },
  group: {
    pamName: 'otpgate-group-first',
    dropIn: '00-otpgate-group-first.conf',
    methods: KEY_CODE,
    takesPassword: false,
    sparesOutsiders: true,
  },
}

/**
 * The shipped recipe, with the verifier of this installation; `verifierArguments` go behind its path.
 * A group has a recipe of its own, by key and code. Throws ERR_OUTPUT_FAILED where it is gone.
 */
export function readRecipe(
  { programRoot }: Pick<SetupPlaces, 'programRoot'>,
  { recipe, group }: RecipeChoice,
  verifierArguments: string,
): RecipeText {
  const { dropIn, ...files } = FILES[group === undefined ? recipe : 'group']
  const root = lastingName(programRoot, PROGRAM_NAME)
  const pamExample = join(root, 'examples', 'pam.d', files.pamName)
  const dropInExample = join(root, 'examples', 'sshd_config.d', dropIn)
  const verifier = `${findVerifier(programRoot)}${verifierArguments}`
  const forGroup = (text: string) =>
    group === undefined
      ? text
      : text
          .replaceAll(`--outside-group ${EXAMPLE_GROUP}`, `--outside-group ${group}`)
          .replaceAll(`Match Group ${EXAMPLE_GROUP}`, `Match Group ${group}`)
  return {
    ...files,
    pamText: installed(
      forGroup(readShippedFile(pamExample)).replaceAll(RECIPE_VERIFIER, verifier),
      pamExample,
    ),
    dropInText: installed(forGroup(readShippedFile(dropInExample)), dropInExample),
  }
}

/** The settings alone: what each is for stands in the example. */
function installed(text: string, example: string): string {
  const settings = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  return `${[HEADER, `# What each line is for: ${example}`, ...settings].join('\n')}\n`
}
