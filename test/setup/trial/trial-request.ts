import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_PROMPT } from '../../../src/domain/message.ts'
import type { TrialRequest } from '../../../src/setup/trial/trial.ts'
import { createKeyPair } from '../../support/client-key.ts'
import type { Otpgate } from '../../support/otpgate-host.ts'
import { PAM_DIRECTORY } from '../../support/pam-service.ts'
import { fillRecipe, type RecipeOptions } from '../../support/recipe.ts'
import { readExample } from '../../support/shipped-example.ts'
import type { ThrowawayHost } from '../../support/throwaway-host.ts'

/** The name that the service of these requests includes the recipe by. */
const RECIPE = 'otpgate-key-then-code'

/** What Debian's sshd_config says, and ports that a trial must not listen on. */
const HOST_CONFIG = [
  'Port 22',
  'ListenAddress 0.0.0.0:22',
  'KbdInteractiveAuthentication no',
  'UsePAM yes',
  'PrintMotd no',
  'ForceCommand /bin/false',
]

/** What differs from a host on which all is well. */
export interface RequestOptions extends Partial<Omit<TrialRequest, 'account' | 'places'>> {
  /** More lines of the host's sshd_config; Match blocks may follow them. */
  readonly hostLines?: readonly string[]
  readonly sshd?: string
  readonly recipe?: RecipeOptions
}

/** A request to try the recommended recipe on a host of its own, in the account's name. */
export function makeTrialRequest(
  host: ThrowawayHost,
  otpgate: Otpgate,
  account: string,
  { hostLines = [], sshd = '/usr/sbin/sshd', recipe = {}, ...options }: RequestOptions = {},
): TrialRequest {
  const directory = mkdtempSync(join(host.secretDirectory, 'trial-'))
  const hostKey = createKeyPair(join(directory, 'host_key'))
  const sshdConfig = join(directory, 'sshd_config')
  writeFileSync(
    sshdConfig,
    [`HostKey ${hostKey.file}`, ...HOST_CONFIG, ...hostLines, ''].join('\n'),
  )
  const stateDirectory = join(directory, 'state')
  return {
    places: { sshd, sshdConfig, pamDirectory: PAM_DIRECTORY, stateDirectory },
    dropIn: readExample('sshd_config.d/00-otpgate.conf'),
    pam: {
      service: `@include ${RECIPE}\naccount required pam_nologin.so\n@include common-account\n`,
      recipeName: RECIPE,
      recipe: fillRecipe(otpgate, recipe),
    },
    account,
    prompt: DEFAULT_PROMPT,
    code: undefined,
    ...options,
  }
}
