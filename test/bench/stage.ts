import { type Otpgate, type OtpgateHost, openOtpgateHost } from '../support/otpgate-host.ts'
import { compile } from './compile.ts'
import { addCrowd, type Crowd, enrollCrowd } from './crowd.ts'

/** As many as log in at once, and never twice in a step. */
const CROWD_SIZE = 256

/** What all parts of the run stand on. */
export interface Stage {
  readonly host: OtpgateHost
  /** Of direct mode: the first and the last on its database at each login, as it mostly is. */
  readonly otpgate: Otpgate
  /** Of the daemon, which stays on it. */
  readonly served: Otpgate
  readonly crowd: Crowd
  /** The driver of PAM, compiled. */
  readonly driver: string
}

/** Sets it up and takes it down again, whatever `run` comes to. */
export async function onStage<T>(run: (stage: Stage) => Promise<T>): Promise<T> {
  const host = openOtpgateHost()
  try {
    return await withCrowd(host, run)
  } finally {
    host.close()
  }
}

async function withCrowd<T>(host: OtpgateHost, run: (stage: Stage) => Promise<T>): Promise<T> {
  const crowd = addCrowd(host, CROWD_SIZE)
  try {
    const otpgate = await host.install()
    const served = await host.install()
    for (const each of [otpgate, served]) enrollCrowd(each, crowd)
    const driver = compile('pam-driver.c', host.directory, '-lpam')
    return await run({ host, otpgate, served, crowd, driver })
  } finally {
    crowd.remove()
  }
}
