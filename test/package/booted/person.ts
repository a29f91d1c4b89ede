import { doOnMachine, onMachine } from './machine.ts'

const RECIPE = 'otpgate-key-then-code'
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

/** Enrolls with codes by the clock; the secret in base32. */
export async function enroll(name: string): Promise<string> {
  const text = await doOnMachine(`otpgate enroll ${name} --no-confirm --json`)
  const enrolled: { readonly secret: string } = JSON.parse(text)
  return enrolled.secret
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

/** Puts the recipe in force by hand. Here `otpgate setup ssh` belongs, once there is one. */
export async function turnOn(): Promise<void> {
  await doOnMachine(
    `cp -L /usr/lib/otpgate/examples/pam.d/${RECIPE} /etc/pam.d/
     cp -L /usr/lib/otpgate/examples/sshd_config.d/00-otpgate.conf /etc/ssh/sshd_config.d/
     sed -i 's/^@include common-auth$/@include ${RECIPE}/' /etc/pam.d/sshd
     sshd -t && systemctl restart ssh`,
  )
}

/** The way back. */
export async function turnOff(): Promise<void> {
  await doOnMachine(
    `sed -i 's/^@include ${RECIPE}$/@include common-auth/' /etc/pam.d/sshd
     rm -f /etc/pam.d/${RECIPE} /etc/ssh/sshd_config.d/00-otpgate.conf
     systemctl restart ssh`,
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
