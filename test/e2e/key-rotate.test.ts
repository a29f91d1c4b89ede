import { expect, test } from 'vitest'
import { addCodeService } from '../support/code-service.ts'
import { type CountingPerson, enrollCountingPerson } from '../support/counting-person.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { logInBeside } from '../support/logins-beside.ts'
import { addManyPeople } from '../support/many-people.ts'

const CLIENTS = 3
/** Ten pieces, with a pause between any two: as long as several logins take. */
const PEOPLE = 1000

describeOnHost('key rotate beside logins', (onHost) => {
  test('denies no right code, and leaves every secret with the new key', async () => {
    const { host, otpgate } = onHost()
    await addManyPeople(otpgate, PEOPLE)
    const people: CountingPerson[] = []
    while (people.length < CLIENTS) people.push(await enrollCountingPerson(host, otpgate))
    const service = addCodeService(host, otpgate)
    const rotation = otpgate.require(['key', 'rotate', '--yes', '--json'])
    const tally = await logInBeside(service, people, rotation)
    expect(tally.denied).toBe(0)
    expect(tally.logins).toBeGreaterThan(CLIENTS * 2)
    expect(JSON.parse(await rotation)).toMatchObject({ secrets: PEOPLE + CLIENTS })
    const view = JSON.parse(await otpgate.require(['key', 'check', '--json']))
    expect(view).toMatchObject({ secrets: PEOPLE + CLIENTS, unopened: [], unfinished: false })
    await otpgate.require(['audit', 'verify'])
  })
})
