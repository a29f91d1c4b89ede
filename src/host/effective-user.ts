const ROOT_UID = 0

/** Whether this process may do what root may. */
export function isRoot(): boolean {
  return process.geteuid?.() === ROOT_UID
}
