const UNITS = ['kB', 'MB', 'GB', 'TB'] as const
const STEP = 1000

/** A size for people, in powers of 1000 as disks are sold: `512 bytes`, `1.2 MB`, `340 GB`. */
export function renderBytes(bytes: number): string {
  if (bytes < STEP) return `${bytes} bytes`
  let size = bytes
  let shown = ''
  for (const unit of UNITS) {
    size /= STEP
    shown = `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`
    if (Math.round(size) < STEP) break
  }
  return shown
}
