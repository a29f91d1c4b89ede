import type { Deadline } from '../host/deadline.ts'
import type { DaemonAnswer, DaemonRequest } from './protocol.ts'

/** What decides: the configuration, the key and the database, for as long as the daemon runs. */
export interface Judge {
  /**
   * The verdict on one request; a yes only once all that makes it so is on disk. A rejection means that
   * nobody knows the verdict: the client gets no answer then, and the direct verifier finds what was
   * committed by the attempt.
   */
  answer(request: DaemonRequest, deadline: Deadline): Promise<DaemonAnswer>
  /** Why no login can be judged for now, whoever asks; `undefined`: nothing is known to be wrong. */
  trouble(): unknown
  /**
   * Reads the configuration again; a line that says what is in force now. Throws ERR_* where the new one
   * is no good, and goes on with the old one.
   */
  reload(): string
  /** Gives key and database back. Nothing is asked after it. */
  close(): void
}
