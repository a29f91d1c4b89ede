import { existsSync } from 'node:fs'
import type { KeyPair } from './client-key.ts'
import type { PrivateSshd } from './private-sshd.ts'
import { type ProgramResult, runProgram } from './run-program.ts'
import { requireTool } from './run-tool.ts'

export interface OtherClientRequest {
  readonly user: string
  readonly key: KeyPair
  /** Given to every question. */
  readonly answer: string
}

/** Debian's own: python3-paramiko is for no other. */
const PYTHON = '/usr/bin/python3'

const PARAMIKO_LOGIN = `
import sys, paramiko
host, port, user, key, answer = sys.argv[1:]
transport = paramiko.Transport((host, int(port)))
transport.start_client()
transport.auth_publickey(user, paramiko.Ed25519Key.from_private_key_file(key))
transport.auth_interactive(user, lambda title, text, questions: [answer for _ in questions])
session = transport.open_session()
session.exec_command('id -un')
print(session.makefile().read().decode(), end='')
transport.close()
`

/** Runs `id -un` there by dropbear's dbclient(1), which is built on none of OpenSSH's code. */
export function loginWithDropbear(
  sshd: PrivateSshd,
  { user, key, answer }: OtherClientRequest,
): Promise<ProgramResult> {
  const file = `${key.file}.dropbear`
  if (!existsSync(file)) requireTool('dropbearconvert', ['openssh', 'dropbear', key.file, file])
  const target = ['-p', String(sshd.port), `${user}@${sshd.host}`]
  return runProgram('dbclient', ['-y', '-y', '-T', '-i', file, ...target, 'id -un'], {
    env: { DROPBEAR_PASSWORD: answer, HOME: sshd.directory },
  })
}

/** Runs `id -un` there by paramiko, the Python library behind many tools. */
export function loginWithParamiko(
  sshd: PrivateSshd,
  { user, key, answer }: OtherClientRequest,
): Promise<ProgramResult> {
  const target = [sshd.host, String(sshd.port), user, key.file, answer]
  return runProgram(PYTHON, ['-I', '-c', PARAMIKO_LOGIN, ...target])
}
