import { spawn, spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { CHECKOUT_VERSION, makeCheckout, makeDirectory, nodePackage } from './temporary-checkout.ts'

/** In a tree or a checkout. */
export const NODE = `node_modules/${nodePackage()}/bin/node`
/** Waits for its stdin to end, which its killer does, and is not the last thing a shell could exec. */
export const SLOW = 'read -r line\n:\n'

/** Runs the installer of the checkout `root`. */
export function install(root: string, args: readonly string[]) {
  // The widest umask there is: the modes of the tree must not depend on it.
  const script = 'umask 000; exec "$0" "$@"'
  const program = join(root, 'bin/install-host')
  return spawnSync('/bin/sh', ['-c', script, program, ...args], { encoding: 'utf8', cwd: '/' })
}

/** A checkout, and what it has installed under a prefix of its own. */
export function installed() {
  const root = makeCheckout()
  const prefix = makeDirectory()
  const { status, stdout, stderr } = install(root, ['--prefix', prefix])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return { root, prefix, lib: join(prefix, 'lib/otpgate'), stdout }
}

/** Runs a program without any environment. */
export function run(program: string, args: readonly string[] = []) {
  return spawnSync(program, args, { encoding: 'utf8', cwd: '/', env: {} })
}

/** What `lib` holds after `count` installations: the link, and the tree of the last of them. */
export function onlyTree(count: number): readonly string[] {
  return ['otpgate', `otpgate-${CHECKOUT_VERSION}-${count}`]
}

/** All paths below a directory. */
export function listTree(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(directory, name),
  )
}

/** A login under way, as far as processes show it: it ends only with the test. */
export function startLogin([program = '', ...args]: readonly string[]) {
  const login = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] })
  onTestFinished(() => {
    login.kill('SIGKILL')
  })
  return login
}

/** Ends the oldest process above it that runs this install-host: those below are its subshells. */
export function endInstallation(root: string): string {
  return `
    const read = (pid, name) => require('node:fs').readFileSync('/proc/' + pid + '/' + name, 'utf8')
    const parentOf = (pid) => Number(/^PPid:\\s*(\\d+)/m.exec(read(pid, 'status'))[1])
    let installer
    for (let pid = process.ppid; pid > 1; pid = parentOf(pid)) {
      if (read(pid, 'cmdline').split('\\0').includes('${root}/bin/install-host')) installer = pid
    }
    process.kill(installer, 'SIGTERM')`
}

/** A prefix with a directory of its own above it, both closed to others. */
export function makePrefix() {
  const root = makeDirectory()
  const prefix = join(root, 'top/prefix')
  for (const name of ['bin', 'lib']) {
    mkdirSync(join(prefix, name), { recursive: true, mode: 0o755 })
  }
  return { root, prefix }
}

/** What there is of it in its directory; links are not followed. */
export function describeFile(path: string) {
  const stats = lstatSync(path)
  return {
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    isDirectory: stats.isDirectory(),
    isFile: stats.isFile(),
  }
}
