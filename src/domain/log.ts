/**
 * What a line of the log may say besides its fixed text: facts about the machine, never about what people wrote, their
 * names, addresses, tokens or keys. The adapter drops every other field.
 */
export interface LogFields {
  url?: string;
  host?: string;
  port?: number;
  folder?: string;
  pid?: number;
  signal?: string;
  version?: string;
  migration?: string;
  /** A code of a closed list, such as DomainError's. */
  code?: string | number;
  /** The id that a client was given for an unexpected error. */
  errorId?: string;
  /** The name of a GraphQL operation that the schema or the SDK knows, never its text or variables. */
  operation?: string;
  method?: string;
  status?: number;
  attempt?: number;
  count?: number;
  bytes?: number;
  durationMs?: number;
  sockets?: number;
  subscriptions?: number;
  error?: unknown;
}

/** A structured log. `text` is a fixed sentence: whatever varies is a field. */
export interface Log {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
}
