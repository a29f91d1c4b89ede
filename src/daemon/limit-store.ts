import type { Store } from '../app/ports.ts'
import type { Deadline } from '../host/deadline.ts'

/**
 * The store for one login: past its deadline nothing is decided here any more, since whoever asked has
 * gone to the direct verifier. A step that is late throws ERR_DEADLINE and saves nothing.
 */
export function limitStore(store: Store, deadline: Pick<Deadline, 'assertOpen'>): Store {
  return {
    transact: (name, step, attempt) =>
      store.transact(
        name,
        (...given) => {
          deadline.assertOpen()
          return step(...given)
        },
        attempt,
      ),
  }
}
