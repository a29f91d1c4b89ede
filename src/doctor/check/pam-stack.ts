import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding } from '../finding.ts'
import { asksForCode, findVerifierCall, type PamLine } from '../pam-line.ts'
import { type ModuleAnswer, type PamRun, runPamStack } from '../pam-run.ts'
import { linesOf, moduleOf, type PamStep, placeOf, resolvePamStack } from '../pam-stack.ts'

/** Services of the host itself: nothing there comes by SSH, so no account line is needed. */
const LOCAL_SERVICES: readonly string[] = ['sudo', 'sudo-i', 'su', 'su-l', 'login', 'polkit-1']
/** Modules that say no to whoever is not root already, and to everybody. */
const REFUSING: readonly string[] = ['pam_rootok.so', 'pam_deny.so']
/** Modules that take what is typed for the login password. */
const PASSWORD_MODULES: readonly string[] = [
  'pam_unix.so',
  'pam_sss.so',
  'pam_ldap.so',
  'pam_krb5.so',
  'pam_winbind.so',
]

/** What the service's PAM stacks come to, played through with the verifier failing and succeeding. */
export const pamStackCheck: Check = { name: 'PAM stack', judge }

function judge({ pamFiles, login: { service } }: DoctorFacts): Diagnosis {
  const auth = resolvePamStack(pamFiles, service, 'auth')
  const account = resolvePamStack(pamFiles, service, 'account') ?? []
  if (auth === undefined) return examined(noFile(service))
  if (!linesOf(auth).some(isCodeLine)) return examined(noCode(service))
  const isLocal = LOCAL_SERVICES.includes(service)
  return examined(
    ...missingFiles([...auth, ...account]),
    ...openDoor(auth),
    ...closedDoor(auth),
    ...(isLocal ? [] : openAccount(account, service)),
    ...[...linesOf(auth), ...linesOf(account)].flatMap(wordFindings),
  )
}

/** Whatever becomes of the verifier, other modules may well say yes: nobody may get in by that. */
function openDoor(auth: readonly PamStep[]): readonly Finding[] {
  const run = runPamStack(auth, answerWith('failure'))
  if (!run.isGranted) return []
  const where = run.ran.find(isCodeLine) ?? run.ran.at(-1)
  const skipped = where !== undefined && isCodeLine(where)
  const place = where === undefined ? '' : placeOf(where)
  return [
    {
      severity: 'problem',
      what: skipped
        ? `${place}: "${where.control}" lets people in whose code is wrong`
        : `the line for the code is never reached where the verifier fails: ${place} lets people in`,
      why: 'a wrong code, or a verifier that is missing or was killed, is no obstacle',
      fix: skipped
        ? `editor ${where.file}  # "requisite" in the place of "${where.control}"`
        : `editor ${where?.file ?? ''}  # a failure must lead to the line for the code`,
    },
  ]
}

/** With a right code, and nothing excused, people have to get in. */
function closedDoor(auth: readonly PamStep[]): readonly Finding[] {
  const run = runPamStack(auth, (line) =>
    isHelper(line) ? 'failure' : answerWith('success')(line),
  )
  const code = run.ran.find(isCodeLine)
  if (code === undefined) return []
  return [...withoutPermit(run, code), ...askedAgain(run)]
}

/** pam_exec takes no part in setcred: alone in a stack, it ends a login after a right code. */
function withoutPermit({ isGranted, ran }: PamRun, code: PamLine): readonly Finding[] {
  const others = ran.slice(ran.indexOf(code) + 1).filter((line) => moduleOf(line) !== 'pam_exec.so')
  if (isGranted && others.length > 0) return []
  return [
    {
      severity: 'problem',
      what: isGranted
        ? `no line of another module follows ${placeOf(code)}`
        : `a right code at ${placeOf(code)} does not get anybody in`,
      why: 'sshd ends a login whose credentials nobody sets: every right code is refused',
      fix: `editor ${code.file}  # below line ${code.line}: auth required pam_permit.so`,
    },
  ]
}

function askedAgain({ ran }: PamRun): readonly Finding[] {
  return ran
    .filter((line) => PASSWORD_MODULES.includes(moduleOf(line)))
    .map((line) => ({
      severity: 'problem',
      what: `${placeOf(line)}: ${moduleOf(line)} runs in the same pass as the code`,
      why: 'one answer is asked for: it takes the code for the password, or the verifier the password for the code',
      fix: `editor ${line.file}  # otpgate's lines stand in the place of the password's, not beside them`,
    }))
}

/** A key alone meets none of the auth lines: the account phase is what refuses it. */
function openAccount(account: readonly PamStep[], service: string): readonly Finding[] {
  if (!runPamStack(account, answerWith('failure')).isGranted) return []
  const line = linesOf(account).find((each) => findVerifierCall(each)?.args.includes('--account'))
  return [
    {
      severity: 'problem',
      what:
        line === undefined
          ? `the service "${service}" has no account line of otpgate`
          : `${placeOf(line)}: "${line.control}" lets in whoever the verifier refuses`,
      why: 'a login by one factor alone is let in wherever sshd_config does not prevent it',
      fix:
        line === undefined
          ? 'otpgate init  # shows the line: account requisite pam_exec.so ... --account'
          : `editor ${line.file}  # "requisite", before the other account lines`,
    },
  ]
}

function wordFindings(line: PamLine): readonly Finding[] {
  const call = findVerifierCall(line)
  if (call === undefined) return []
  const { options } = call
  const quiet: Finding = {
    severity: 'warning',
    what: `${placeOf(line)}: the word "quiet" is missing`,
    why: 'people are shown the path of the verifier and its exit status',
    fix: `editor ${line.file}  # pam_exec.so quiet ...`,
  }
  const expose: Finding = {
    severity: 'problem',
    what: `${placeOf(line)}: the word "expose_authtok" is missing`,
    why: 'nobody is asked for a code, and the verifier gets none',
    fix: `editor ${line.file}  # pam_exec.so quiet stdout expose_authtok ...`,
  }
  const isMute = asksForCode(call) && !options.includes('expose_authtok')
  return [...(options.includes('quiet') ? [] : [quiet]), ...(isMute ? [expose] : [])]
}

function missingFiles(steps: readonly PamStep[]): readonly Finding[] {
  return steps.flatMap((step): readonly Finding[] => {
    if (step.kind === 'substack') return missingFiles(step.steps)
    if (step.kind === 'module') return []
    const { line } = step
    return [
      {
        severity: 'problem',
        what: `${placeOf(line)} includes "${line.target}", which is not there`,
        why: 'PAM refuses every login of a service whose file it cannot read',
        fix: `editor ${line.file}  # name a file that is there`,
      },
    ]
  })
}

/** All of the verifier's lines answer the same; other modules as for a stranger with a right password. */
function answerWith(ours: ModuleAnswer): (line: PamLine) => ModuleAnswer {
  return (line) => {
    if (findVerifierCall(line) !== undefined) return ours
    return REFUSING.includes(moduleOf(line)) ? 'failure' : 'success'
  }
}

function isCodeLine(line: PamLine): boolean {
  const call = findVerifierCall(line)
  return call !== undefined && line.type === 'auth' && asksForCode(call)
}

function isHelper(line: PamLine): boolean {
  return findVerifierCall(line) !== undefined && !isCodeLine(line)
}

function noFile(service: string): Finding {
  return {
    severity: 'problem',
    what: `the PAM service "${service}" has no file`,
    why: 'PAM takes the file "other" for it, which asks for no code',
    fix: 'otpgate init  # shows the lines for it',
  }
}

function noCode(service: string): Finding {
  return {
    severity: 'problem',
    what: `the PAM service "${service}" never runs the verifier for a code`,
    why: 'nobody is asked for a second factor there',
    fix: 'otpgate init  # shows the lines for it',
  }
}
