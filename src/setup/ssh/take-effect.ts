import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { ensurePrivilegeSeparation } from '../../host/privilege-separation.ts'
import { greetsAsSsh, parseListenAddress } from '../../host/sshd-banner.ts'
import {
  assertSshdTakes,
  findSshdService,
  isSshdUp,
  reloadSshd,
  type SshdService,
  startSshd,
} from '../../host/sshd-service.ts'
import type { SetupJournal } from './journal.ts'
import type { SetupPlaces } from './places.ts'
import { readSshdSettings } from './sshd-promise.ts'

/** sshd takes a moment to begin anew, and would greet by its old self before. */
const SETTLE_MILLISECONDS = 300
const GREETING_MILLISECONDS = 10_000

/** The sshd that runs here. Throws ERR_REFUSED where none does, or it takes no configuration. */
export function requireRunningSshd(places: SetupPlaces, account: string): SshdService {
  const service = findRunningSshd(places, account)
  if (service !== undefined) return service
  throw new AppError('ERR_REFUSED', 'no sshd runs on this host', {
    hint: 'start it first: systemctl start ssh',
  })
}

function findRunningSshd(places: SetupPlaces, account: string): SshdService | undefined {
  const [pidFile = ''] = readSshdSettings(places, account).get('pidfile') ?? []
  return findSshdService(places, pidFile)
}

/**
 * Has sshd read its configuration again, and waits until it greets on its port: connections that are
 * open go on as they were. Throws ERR_SETUP_FAILED where it does not come back.
 */
export async function reloadAndGreet(
  places: SetupPlaces,
  account: string,
  service: SshdService,
): Promise<void> {
  reloadSshd(places, service)
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MILLISECONDS))
  const listening = readSshdSettings(places, account).get('listenaddress') ?? []
  const addresses = listening.flatMap((text) => parseListenAddress(text) ?? [])
  const isGreeting = await greetsAsSsh(addresses, GREETING_MILLISECONDS)
  if (isGreeting && isSshdUp(places, service)) return
  const where = toPrintable(listening.join(', '))
  throw new AppError('ERR_SETUP_FAILED', `sshd does not answer on ${where} after its reload`)
}

/**
 * The same on the way back. An sshd that has ended by then is started again where `mayStart`; else it
 * will read the old files whenever somebody starts it. Throws ERR_SETUP_FAILED.
 */
export async function bringSshdBack(
  places: SetupPlaces,
  { account, sshdUnit }: Pick<SetupJournal, 'account' | 'sshdUnit'>,
  mayStart: boolean,
): Promise<void> {
  // It has gone with a unit that has ended, or not yet come with one at boot.
  ensurePrivilegeSeparation()
  assertSshdTakes(places)
  const service = findRunningSshd(places, account)
  if (service !== undefined) await reloadAndGreet(places, account, service)
  else if (mayStart) startSshd(places, sshdUnit)
}
