import { useScratchDirectory } from '../support/scratch-directory.ts'
import { testStoreContract } from './contract.ts'
import { initFile, openFile } from './sqlite/sqlite-file.ts'

const scratch = useScratchDirectory()

testStoreContract('a store in an SQLite file', () => {
  const path = scratch('otpgate.db')
  initFile(path)
  return { open: async (now) => openFile(path, { now }) }
})
