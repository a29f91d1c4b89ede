import type { Change } from '../../../src/domain/change.ts'
import { NOW } from '../../support/account-fixture.ts'
import { type Ailment, testAilments } from '../ailment.ts'
import type { SickHost } from '../sick-host.ts'

const ROW: Change = {
  kind: 'append-audit',
  event: { at: NOW, actor: 'root', action: 'enroll', outcome: 'done' },
}

/** Tampers with a log of three rows, and back. */
function tamper(bad: string, good: string): Pick<Ailment, 'breakIt' | 'healIt'> {
  const breakIt = async (host: SickHost) => {
    await host.change(ROW, ROW, ROW)
    host.tamper(`CREATE TABLE kept AS SELECT * FROM audit; ${bad}`)
  }
  return { breakIt, healIt: (host) => host.tamper(`${good}; DROP TABLE kept`) }
}

testAilments('audit log', [
  {
    title: 'a row that was changed',
    ...tamper("UPDATE audit SET actor = 'bob' WHERE seq = 3", "UPDATE audit SET actor = 'root'"),
    severity: 'problem',
    says: 'does not hold at row 3: it was changed',
  },
  {
    title: 'last rows that were cut off',
    ...tamper(
      'DELETE FROM audit WHERE seq = 3',
      'INSERT INTO audit SELECT * FROM kept WHERE seq = 3',
    ),
    severity: 'problem',
    says: 'does not hold at row 3: the last rows are missing',
  },
])
