import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** zbarimg's exit status when it ran well and found no code in at least one image. */
const NOTHING_FOUND = 4

/**
 * The texts of the QR codes in these images (files of any format ImageMagick reads), in their
 * order, one an image; an image that shows none leaves a gap, so compare the whole list. Throws
 * when zbarimg (Debian: zbar-tools) is missing or fails: a test must not pass unread.
 */
export function readQrImages(images: readonly Uint8Array[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'otpgate-qr-'))
  try {
    const files = images.map((image, index) => {
      const file = join(folder, String(index))
      writeFileSync(file, image)
      return file
    })
    const only = ['-Sdisable', '-Sqrcode.enable']
    return run('zbarimg', ['--quiet', '--raw', ...only, ...files], '', [0, NOTHING_FOUND])
      .toString('latin1')
      .split('\n')
      .slice(0, -1)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** An SVG image as PNG, 4 pixels a unit. Throws when rsvg-convert (Debian: librsvg2-bin) fails. */
export function rasteriseSvg(svg: string): Buffer {
  return run('rsvg-convert', ['--zoom', '4'], svg, [0])
}

function run(
  program: string,
  options: readonly string[],
  input: string,
  accepted: readonly number[],
): Buffer {
  const { error, status, stdout, stderr } = spawnSync(program, options, { input, timeout: 60_000 })
  if (error !== undefined) throw new Error(`this test needs ${program}`, { cause: error })
  if (status === null || !accepted.includes(status)) {
    throw new Error(`${program} ended with ${status}: ${stderr.toString()}`)
  }
  return stdout
}
