import { doOnMachine, onMachine } from './machine.ts'

/** What watches a set-up until it is over. */
export const SETUP_UNIT = '/etc/systemd/system/otpgate-setup.service'

const SSH =
  'ssh -n -i /root/key -o StrictHostKeyChecking=no -o LogLevel=ERROR -o NumberOfPasswordPrompts=1'

/** A user of the machine with a key in /root/key; nobody that otpgate knows yet. */
export async function addUser(name: string): Promise<void> {
  await doOnMachine(
    `[ -e /root/key ] || ssh-keygen -q -t ed25519 -N '' -f /root/key
     printf '#!/bin/sh\\necho "$CODE"\\n' >/root/askpass && chmod 755 /root/askpass
     useradd --create-home --shell /bin/sh ${name}
     install -d -o ${name} -m 700 /home/${name}/.ssh
     install -o ${name} -m 600 /root/key.pub /home/${name}/.ssh/authorized_keys`,
  )
}

/** Somebody with a device, and the code that has confirmed it. */
export interface Enrolled {
  /** In base32; codes go by the clock. */
  readonly secret: string
  readonly used: string
}

export async function enroll(name: string): Promise<Enrolled> {
  const text = await doOnMachine(`otpgate enroll ${name} --no-confirm --json`)
  const { secret }: { readonly secret: string } = JSON.parse(text)
  const used = await codeOf(secret)
  await doOnMachine(`otpgate confirm ${name}`, `${used}\n`)
  return { secret, used }
}

/** The code of now, by another implementation than ours. */
export function codeOf(secret: string): Promise<string> {
  return doOnMachine(`oathtool --totp --base32 ${secret}`)
}

/** A login by ssh on the machine itself, with key and code; whether it was let in. */
export async function isLetIn(name: string, code: string): Promise<boolean> {
  const { status, stdout } = await onMachine(
    `CODE=${code} SSH_ASKPASS=/root/askpass SSH_ASKPASS_REQUIRE=force ${SSH} ${name}@127.0.0.1 id -un`,
  )
  return status === 0 && stdout === `${name}\n`
}

/**
 * Each code counts once, and the next is up to half a minute away: waits until the clock shows one that
 * was not used by `isLetIn` before.
 */
export async function nextCode(secret: string, used: string): Promise<string> {
  for (;;) {
    const code = await codeOf(secret)
    if (code !== used) return code
    await doOnMachine('sleep 1')
  }
}

/** As an admin does it who runs `setup ssh` for themselves; it waits for a proof after that. */
export async function setUp(name: string, timeout: string): Promise<void> {
  await doOnMachine(`otpgate setup ssh --yes --as ${name} --timeout ${timeout}`)
}

/** How far the set-up is: `otpgate setup status`. */
export async function readPhase(): Promise<string> {
  const status: { readonly phase: string } = JSON.parse(
    await doOnMachine('otpgate setup status --json'),
  )
  return status.phase
}

/** Waits until the set-up has come to its end, and the unit that watches it is gone. */
export async function untilEnded(phase: 'confirmed' | 'reverted'): Promise<void> {
  await doOnMachine(
    `for i in $(seq 60); do
       otpgate setup status --json | grep -q '"phase": *"${phase}"' &&
         [ ! -e ${SETUP_UNIT} ] && exit 0
       sleep 1
     done
     otpgate setup status; exit 1`,
  )
}

/** Sets up, and logs in with a code that was not `used`: the proof. The code is returned. */
export async function turnOn(name: string, secret: string, used: string): Promise<string> {
  await setUp(name, '10m')
  const code = await nextCode(secret, used)
  if (!(await isLetIn(name, code))) throw new Error(`${name} is not let in`)
  await untilEnded('confirmed')
  return code
}

/** The way back. */
export async function turnOff(): Promise<void> {
  await doOnMachine('otpgate setup revert --yes')
}

/** What set-up and the package change of /etc, and what is beside it there: modes, owners, contents. */
export function readHostFiles(): Promise<string> {
  return doOnMachine(
    `cd /etc && find pam.d ssh systemd/system -printf '%M %U:%G %p %l\n' | sort
     find pam.d ssh systemd/system -type f -exec sha256sum {} + | sort -k 2`,
  )
}

/** Somebody who logs in again and again, each time with a right code, until told to stop. */
export interface LoginLoop {
  /** How many logins were let in; throws with those that were not. */
  stop(): Promise<number>
}

/** Codes by count are right as soon as the one before was used. `name` must not be a user yet. */
export async function startLogins(name: string): Promise<LoginLoop> {
  await addUser(name)
  const secret = await doOnMachine('head -c 20 /dev/urandom | od -An -tx1 | tr -d " \\n"')
  const options = '--type hotp --secret-stdin --no-confirm --json'
  await doOnMachine(`otpgate enroll ${name} ${options}`, `${secret}\n`)
  const looping = onMachine(
    `export SSH_ASKPASS=/root/askpass SSH_ASKPASS_REQUIRE=force
     count=0
     while [ ! -e /run/${name}.stop ]; do
       CODE=$(oathtool --hotp --counter=$count ${secret}); export CODE
       if ${SSH} ${name}@127.0.0.1 true; then echo in; else echo "refused: $count, $(date)"; fi
       count=$((count + 1))
     done`,
  )
  return {
    async stop() {
      await doOnMachine(`touch /run/${name}.stop`)
      const { stdout, stderr } = await looping
      const lines = stdout.trim().split('\n')
      if (lines.every((line) => line === 'in')) return lines.length
      throw new Error(`${lines.filter((line) => line !== 'in').join('\n')}\n${stderr}`)
    },
  }
}
