import type { ErrorCode } from "../domain/domain-error.ts";

/** A request that does not get as far as GraphQL. The text is safe to show. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly code: ErrorCode | "BAD_REQUEST";

  constructor(status: number, code: ErrorCode | "BAD_REQUEST", text: string) {
    super(text);
    this.name = "HttpRefusal";
    this.status = status;
    this.code = code;
  }
}
