declare const name: unique symbol
/** A login name as the passwd database spells it. Only a `Passwd` makes one, so it is canonical. */
export type AccountName = string & { readonly [name]: true }

declare const uid: unique symbol
/** A numeric user id, 0 to 4294967294. */
export type Uid = number & { readonly [uid]: true }
