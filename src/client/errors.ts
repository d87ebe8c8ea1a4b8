/** What can go wrong on this side. The list is closed; the relay's own refusals are RelayRefusal. */
export type ClientErrorCode =
  | "RELAY_UNREACHABLE" // no answer, after some tries
  | "RELAY_FAILED" // an answer that no relay should give
  | "RELAY_INCOMPATIBLE" // another protocol version: update
  | "RELAY_ROLLED_BACK" // restored from a backup that lacks what this device cannot append again
  | "RELAY_CHANGED" // other keys than the ones pinned at registration
  | "RATE_LIMITED" // too many requests: wait
  | "SIGNED_OUT" // the session is over: log in again
  | "PASSWORD_WRONG" // user name or password is wrong
  | "RECOVERY_CODE_WRONG" // mistyped, or not this user's code
  | "OWN_CARD_MISMATCH" // the relay shows a card for us that is not ours: hard stop
  | "OWN_CHAIN_MISMATCH" // the relay shows a chain for us that the vault contradicts: hard stop
  | "OWN_CHAIN_WITHHELD" // a friend has read newer entries of ours than the relay shows: hard stop
  | "VAULT_BROKEN" // the vault does not open or contradicts itself: hard stop
  | "USER_UNKNOWN" // no such user
  | "CARD_REFUSED" // a user's cards do not verify
  | "CARD_NOT_LOGGED" // a card that the relay's key log does not prove
  | "KEY_LOG_BROKEN" // the relay's key log contradicts what was seen before: no new card is used
  | "FRIEND_SUSPENDED" // a friend's card changed in a way that nothing proves
  | "INVITE_MALFORMED" // not an invite link that this program can read
  | "INVITE_ELSEWHERE" // an invite link of another relay
  | "INVITE_REFUSED" // the relay shows somebody else than the maker of the link, or an older card
  | "SAFETY_NUMBER_DIFFERS" // not the safety number of these two people
  | "NOT_FRIENDS" // no friendship with this user
  | "REQUEST_UNKNOWN" // no such open request
  | "REQUEST_EXISTS" // there is an open request or a friendship with this user already
  | "REQUEST_TO_SELF" // a request to oneself
  | "FRIENDS_FULL" // the most friends that one can have
  | "TEXT_TOO_LONG" // more than 60 000 bytes of UTF-8
  | "EMAIL_MALFORMED" // not an e-mail address
  | "THOUGHT_UNKNOWN" // no such own thought
  | "ENTRY_UNKNOWN" // this client has not read that place of a chain
  | "ARCHIVE_OF_OTHERS" // an archive of another user or relay: nothing of it is given back
  | "ARCHIVE_CONFLICT" // the own chain went on otherwise than in the archive: nothing of it is given back
  | "CONFLICT" // other devices kept changing the same thing
  | "CLOSED"; // the account was closed

/** An error of this client. The text says what to do. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, text: string, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
  }
}

/** The relay refused, and changed nothing. `code` is one of schema.graphql's RefusalCode or an error code of the edge. */
export class RelayRefusal extends Error {
  override readonly name = "RelayRefusal";
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

/** Whether the relay refused with one of these codes. */
export function isRefusal(error: unknown, ...codes: string[]): error is RelayRefusal {
  return error instanceof RelayRefusal && codes.includes(error.code);
}

interface RefusalParts {
  code: string;
  message: string;
}

/** The result's wanted member; throws RelayRefusal when the relay refused. */
export function expectResult<Result extends { __typename: string }, Name extends Result["__typename"]>(
  result: Result,
  name: Name,
): Extract<Result, { __typename: Name }> {
  if (result.__typename === name) return result as Extract<Result, { __typename: Name }>;
  const refusal = result as unknown as RefusalParts;
  throw new RelayRefusal(refusal.code, refusal.message);
}
