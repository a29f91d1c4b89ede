/** The QR encoder that qrcode-terminal vendors, as far as `qr-matrix.ts` uses it. It ships no types. */
declare module 'qrcode-terminal/vendor/QRCode/index.js' {
  class QRCode {
    /** `version` 1 to 40 (size 17 + 4 * version), or 0 for the smallest that fits. */
    constructor(version: number, errorCorrectLevel: number)
    /** One byte a character: its lowest eight bits. */
    addData(text: string): void
    make(): void
    getModuleCount(): number
    isDark(row: number, column: number): boolean
  }
  export = QRCode
}

declare module 'qrcode-terminal/vendor/QRCode/QRErrorCorrectLevel.js' {
  const levels: { readonly L: number; readonly M: number; readonly Q: number; readonly H: number }
  export = levels
}
