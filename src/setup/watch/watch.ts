import type { AuditRow } from '../../domain/audit-event.ts'
import { isSameProcess } from '../../host/process-mark.ts'
import type { SetupJournal } from '../ssh/journal.ts'
import { decideWatch, type WatchVerdict } from './decide-watch.ts'
import { createProofLook } from './proof-look.ts'
import { createStuckEnder } from './stuck-holder.ts'
import type { WatchPorts } from './watch-ports.ts'

const POLL_MILLISECONDS = 1000
/** After something failed: an admin has to see to it, and each try is logged. */
const RETRY_MILLISECONDS = 30_000

/** `nothing-to-do`: no set-up waits for its end. */
export type WatchEnd = 'confirmed' | 'reverted' | 'nothing-to-do'

/**
 * Waits until a set-up is proven, and takes it back where that does not come in time, or whoever
 * installs it has ended in the middle. What fails is tried again: a database that cannot be read proves
 * nothing, and a file that cannot be put back may be one that an admin is just seeing to.
 */
export async function watch(ports: WatchPorts): Promise<WatchEnd> {
  const look = createLook(ports)
  let isFailing = false
  for (;;) {
    try {
      const end = await look()
      if (end !== undefined) return end
      if (isFailing) ports.recover()
      isFailing = false
      await ports.pause(POLL_MILLISECONDS)
    } catch (error) {
      isFailing = true
      ports.complain(error, 'end')
      await ports.pause(RETRY_MILLISECONDS)
    }
  }
}

/** One look at everything; what it came to, where that was the end. */
function createLook(ports: WatchPorts): () => Promise<WatchEnd | undefined> {
  let own: SetupJournal | undefined
  let seenSince: number | undefined
  const findProof = createProofLook(ports)
  const endStuck = createStuckEnder(ports)
  return async () => {
    const journal = ports.readJournal()
    if (journal === undefined) return 'nothing-to-do'
    own ??= journal
    // What this one knows of logins and times says nothing of a set-up that has begun since.
    if (!isSameSetup(journal, own)) return 'nothing-to-do'
    const moment = ports.moment()
    seenSince ??= moment.bootSeconds
    const proof = journal.phase === 'awaiting-proof' ? await findProof(journal) : undefined
    const verdict = decideWatch(journal, {
      ...moment,
      isInstallerRunning: ports.isRunning(journal.installer),
      installingSeconds: moment.bootSeconds - seenSince,
      hasProof: proof !== undefined,
    })
    try {
      return await act(ports, journal, verdict, proof)
    } catch (error) {
      if (!endStuck()) throw error
      return undefined
    }
  }
}

/** Each is begun by a process of its own. */
function isSameSetup({ installer }: SetupJournal, { installer: other }: SetupJournal): boolean {
  return installer.bootId === other.bootId && isSameProcess(installer, other)
}

async function act(
  ports: WatchPorts,
  { phase, installer }: SetupJournal,
  verdict: WatchVerdict,
  proof: AuditRow | undefined,
): Promise<WatchEnd | undefined> {
  switch (verdict.kind) {
    case 'wait':
      return undefined
    case 'end':
      return 'nothing-to-do'
    case 'confirm':
      if (proof === undefined) return undefined
      return (await ports.confirm(phase, proof)) === 'done' ? 'confirmed' : undefined
    case 'revert':
      if (verdict.endInstaller) ports.endProcess(installer)
      return (await ports.revert(phase, verdict.because)) === 'done' ? 'reverted' : undefined
  }
}
