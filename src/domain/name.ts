declare const name: unique symbol
/** A login name as the passwd database spells it, or did when it was stored. */
export type AccountName = string & { readonly [name]: true }

/** Nobody's name: denials of people whom the host does not know are counted under it. */
export const NOBODY = '' as AccountName

declare const uid: unique symbol
/** A numeric user id, 0 to 4294967294. */
export type Uid = number & { readonly [uid]: true }

/** A name as it may stand in the database, for people who are no longer in the passwd database. */
export function toStoredName(text: string): AccountName {
  return text as AccountName
}
