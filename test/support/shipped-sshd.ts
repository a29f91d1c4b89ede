import type { Otpgate } from './otpgate-host.ts'
import type { PrivateSshd } from './private-sshd.ts'
import { fillRecipe, type HelperLine, type RecipeOptions, startRecipe } from './recipe.ts'
import type { ThrowawayHost } from './throwaway-host.ts'

export type { HelperLine }

/** The recommended recipe for this otpgate. */
export function fillKeyThenCode(otpgate: Otpgate, programs?: RecipeOptions['programs']): string {
  return fillRecipe(otpgate, programs === undefined ? {} : { programs })
}

/** An sshd with the recommended recipe, unless told otherwise. */
export function startShippedSshd(
  host: ThrowawayHost,
  otpgate: Otpgate,
  options?: RecipeOptions,
): Promise<PrivateSshd> {
  return startRecipe(host, otpgate, options)
}
