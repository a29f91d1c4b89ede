import { describe } from 'vitest'
import { testAttempts } from './contract/attempts.ts'
import { testAudit } from './contract/audit.ts'
import { testChanges } from './contract/changes.ts'
import { testCountedDenials } from './contract/counted-denials.ts'
import { testNames } from './contract/names.ts'
import { testPruning } from './contract/pruning.ts'
import { testReading } from './contract/reading.ts'
import { testRefusals } from './contract/refusals.ts'
import { testSources } from './contract/sources.ts'
import { testSteps } from './contract/steps.ts'
import { testTickets } from './contract/tickets.ts'
import { testUpkeep } from './contract/upkeep.ts'
import { type StoreDatabase, useStore } from './store-under-test.ts'

/**
 * What every store has to do, whatever database stands behind it. `create` gives a new, empty
 * database for each test.
 */
export function testStoreContract(what: string, create: () => StoreDatabase): void {
  describe(what, () => {
    const current = useStore(create)
    describe('saves each kind of change', () => testChanges(current))
    describe('refuses a change that does not fit the state', () => testRefusals(current))
    describe('keeps known sources', () => testSources(current))
    describe('runs steps', () => testSteps(current))
    describe('keeps the audit log', () => testAudit(current))
    describe('prunes the audit log', () => testPruning(current))
    describe('counts denials', () => testCountedDenials(current))
    describe('keeps answers', () => testAttempts(current))
    describe('keeps tickets', () => testTickets(current))
    describe('is kept up', () => testUpkeep(current))
    describe('is read', () => testReading(current))
    describe('takes any name', () => testNames(current))
  })
}
