import type { Config } from '../wire.ts'
import { answerRequest, type ConfigInForce, type LoginTerms } from './answer-request.ts'
import type { Judge } from './judge.ts'
import { ASK_DIRECT } from './protocol.ts'

/** What the daemon judges with; tests put their own in its place. */
export interface JudgeWorld extends LoginTerms {
  /** Throws ERR_CONFIG_*. */
  readonly loadConfig: () => Config
}

/**
 * Judges logins by the configuration at `configPath`; a line of pam.d that means another one is the
 * direct verifier's. A configuration that is broken at the start denies everybody, each time with its
 * cause, until it is mended and read again.
 */
export function createLoginJudge(
  { configPath, defaultConfigPath }: { configPath: string; defaultConfigPath: string },
  world: JudgeWorld,
): Judge {
  let inForce = readConfig(world)
  return {
    async answer(request, deadline) {
      if ((request.configPath ?? defaultConfigPath) !== configPath) return ASK_DIRECT
      return await answerRequest(world, inForce, request, deadline)
    },
    trouble: () => ('error' in inForce ? inForce.error : findTrouble(world, inForce.config)),
    reload() {
      inForce = { config: world.loadConfig() }
      return 'the configuration was read again'
    },
    close: () => world.ports.close(),
  }
}

function findTrouble({ ports }: JudgeWorld, config: Config): unknown {
  try {
    ports.borrow(config).close()
    return undefined
  } catch (error) {
    return error
  }
}

function readConfig({ loadConfig }: JudgeWorld): ConfigInForce {
  try {
    return { config: loadConfig() }
  } catch (error) {
    return { error }
  }
}
