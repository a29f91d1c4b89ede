import { join } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { ensurePrivilegeSeparation } from '../../host/privilege-separation.ts'
import { ASKPASS, makeTrialKey } from '../../host/trial-client.ts'
import { openTrialPlace, sweepTrials, type TrialPlace } from '../../host/trial-place.ts'
import {
  isNamedByProgram,
  linkSshd,
  listenForSshd,
  type TrialSshd,
  testSshdConfig,
} from '../../host/trial-sshd.ts'
import type { TrialReport, TrialRequest } from './trial.ts'
import { renderTrialConfig, renderTrialSettings } from './trial-config.ts'
import { type TrialFiles, tryLogins } from './try-logins.ts'

/**
 * Tries sshd's settings and PAM's lines before they are the host's: by an sshd that only the loopback
 * interface reaches, under a PAM service of a name of its own, with a key made for it. Nothing of the
 * host is changed, and nothing is left behind. Throws ERR_OUTPUT_FAILED and ERR_SETUP_STATE where it
 * cannot be tried at all.
 */
export async function runTrial(request: TrialRequest): Promise<TrialReport> {
  sweepTrials(request.places)
  ensurePrivilegeSeparation()
  const place = openTrialPlace(request.places)
  try {
    const { sshd, files } = await layOut(request, place)
    return await tryAll(request, sshd, files)
  } finally {
    place.remove()
  }
}

async function tryAll(
  request: TrialRequest,
  sshd: TrialSshd,
  files: TrialFiles,
): Promise<TrialReport> {
  request.onStep?.('sshd takes the settings')
  const complaint = await testSshdConfig(sshd.program, sshd.config)
  if (complaint !== undefined) {
    return {
      outcome: 'failed',
      step: 'sshd takes the settings',
      what: `sshd does not take the settings: ${complaint}`,
      hint: `see whether it takes those of now: ${request.places.sshd} -t`,
    }
  }
  const listener = await listenForSshd(sshd)
  try {
    return await tryLogins(request, { ...files, port: listener.port, log: sshd.log })
  } finally {
    listener.close()
  }
}

async function layOut(request: TrialRequest, place: TrialPlace) {
  const { places, pam, account, dropIn } = request
  const { directory, service, recipe } = place
  assertPlain(directory)
  const byName = await isNamedByProgram(places.sshd)
  const { file: keyFile, publicPart: publicKey } = await makeTrialKey(directory)
  place.addPamFile(recipe, pam.recipe)
  place.addPamFile(service, includeRecipe(pam, recipe))
  const settings = { account, publicKey, dropIn, service: byName ? undefined : service }
  const own = place.addFile('own.conf', renderTrialSettings(settings), PRIVATE_MODE)
  const added = place.addFile('drop-in.conf', dropIn, PRIVATE_MODE)
  const text = renderTrialConfig([own, added, places.sshdConfig])
  const sshd: TrialSshd = {
    program: byName ? linkSshd(places.sshd, directory, service) : places.sshd,
    config: place.addFile('sshd_config', text, PRIVATE_MODE),
    log: join(directory, 'log'),
  }
  const askpass = place.addFile('askpass', ASKPASS, PROGRAM_MODE)
  return { sshd, files: { directory, keyFile, askpass } }
}

const PRIVATE_MODE = 0o600
const PROGRAM_MODE = 0o700

/** The service's text, in which the recipe has the trial's name. */
function includeRecipe({ service, recipeName }: TrialRequest['pam'], recipe: string): string {
  const lines = service.split('\n')
  const isInclude = (line: string) =>
    line.trim().split(/\s+/).join(' ') === `@include ${recipeName}`
  if (lines.some(isInclude)) {
    return lines.map((line) => (isInclude(line) ? `@include ${recipe}` : line)).join('\n')
  }
  throw new AppError('ERR_SETUP_STATE', `the PAM lines to be tried do not include ${recipeName}`)
}

/** sshd splits what follows Include at blanks, and expands patterns. */
function assertPlain(directory: string): void {
  if (/^[\w./-]+$/.test(directory)) return
  throw new AppError('ERR_SETUP_STATE', `a trial cannot lie in ${directory}`)
}
