/** The codes of schema.graphql's RefusalCode, and those that answer a query or subscription. */
export const REFUSAL_CODES = [
  "BYTES_MALFORMED", "SIGNATURE_INVALID", "SIGNER_NOT_VIEWER", "SIZE_EXCEEDED", "USERNAME_TAKEN", "USER_EXISTS",
  "INVITATION_NEEDED", "INVITATION_INVALID",
  "CREDENTIALS_INVALID", "USER_DISABLED", "LOGIN_EXPIRED", "SESSION_ENDED", "SESSION_NOT_FOUND", "WRAP_STALE", "EMAIL_TAKEN",
  "USER_NOT_FOUND", "FRIENDSHIP_NOT_FOUND", "FRIENDSHIP_STATE", "REQUEST_TO_SELF", "REQUEST_EXISTS", "REQUEST_CROSSED",
  "REQUEST_EXPIRED", "FRIENDS_FULL", "CARD_STALE", "HEAD_STALE", "EPOCH_STALE", "RECEIPT_DUE", "ENTRY_CONFLICT", "ENTRY_INVALID",
  "THOUGHT_NOT_FOUND", "CHAIN_NOT_READABLE", "GRANT_INVALID", "VAULT_STALE", "VAULT_INVALID",
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** Outcomes that no mutation expects: they travel as GraphQL errors. */
export const ERROR_CODES = ["UNAUTHENTICATED", "RATE_LIMITED", "UNAVAILABLE", "BAD_INPUT"] as const;
export type ErrorCode = RefusalCode | (typeof ERROR_CODES)[number];

/** Data that some refusals carry, so that the client can go on. */
export type RefusalDetails = Readonly<Record<string, unknown>>;

/** An expected refusal: nothing was changed. The text says what to do and is safe to show. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: RefusalDetails;

  constructor(code: ErrorCode, text: string, details: RefusalDetails = {}) {
    super(text);
    this.name = "DomainError";
    this.code = code;
    this.details = details;
  }
}
