import { auditEndCheck } from './check/audit-end.ts'
import { clockCheck } from './check/clock.ts'
import { clockDriftCheck } from './check/clock-drift.ts'
import { configurationCheck } from './check/configuration.ts'
import { daemonCheck } from './check/daemon.ts'
import { descriptorLimitCheck } from './check/descriptor-limit.ts'
import { diskRoomCheck } from './check/disk-room.ts'
import { expiredInvitationCheck } from './check/expired-invitation.ts'
import { fileModeCheck } from './check/file-mode.ts'
import { keyAndDatabaseCheck } from './check/key-and-database.ts'
import { keyChangeCheck } from './check/key-change.ts'
import { lockedAccountCheck } from './check/locked-account.ts'
import { logSocketCheck } from './check/log-socket.ts'
import { matchBlockCheck } from './check/match-block.ts'
import { noticeCheck } from './check/notice.ts'
import { orphanedAccountCheck } from './check/orphaned-account.ts'
import { pamStackCheck } from './check/pam-stack.ts'
import { pamTwinCheck } from './check/pam-twin.ts'
import { recoveryCodeCheck } from './check/recovery-code.ts'
import { rootLoginCheck } from './check/root-login.ts'
import { sealedSecretCheck } from './check/sealed-secret.ts'
import { sshSetupCheck } from './check/ssh-setup.ts'
import { sshdSettingCheck } from './check/sshd-setting.ts'
import { uncoveredPersonCheck } from './check/uncovered-person.ts'
import { unfinishedInitCheck } from './check/unfinished-init.ts'
import { verifierFileCheck } from './check/verifier-file.ts'
import type { Check } from './finding.ts'

/** Every check, in the order in which they are shown: a new one is a file and a line here. */
export const CHECKS: readonly Check[] = [
  configurationCheck,
  keyAndDatabaseCheck,
  keyChangeCheck,
  sealedSecretCheck,
  auditEndCheck,
  unfinishedInitCheck,
  fileModeCheck,
  sshSetupCheck,
  sshdSettingCheck,
  matchBlockCheck,
  rootLoginCheck,
  pamStackCheck,
  pamTwinCheck,
  verifierFileCheck,
  daemonCheck,
  noticeCheck,
  clockCheck,
  clockDriftCheck,
  diskRoomCheck,
  descriptorLimitCheck,
  logSocketCheck,
  lockedAccountCheck,
  recoveryCodeCheck,
  orphanedAccountCheck,
  expiredInvitationCheck,
  uncoveredPersonCheck,
]
