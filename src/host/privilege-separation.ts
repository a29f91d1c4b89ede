import { ensureDirectory } from './path.ts'

/** sshd chroots its unprivileged half into it; Debian's unit makes it, and takes it along when it ends. */
const DIRECTORY = '/run/sshd'
const OPEN_MODE = 0o755

/** Without it sshd does not even look at its configuration. Throws ERR_OUTPUT_FAILED. */
export function ensurePrivilegeSeparation(): void {
  ensureDirectory(DIRECTORY, OPEN_MODE)
}
