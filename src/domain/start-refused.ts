/** Why a relay, or what works on its data, does not start. The operator reads the text; scripts read the code. */
export type StartRefusalCode =
  | "CONFIG_INVALID"
  | "DATA_FOLDER_FOREIGN"
  | "DATA_FOLDER_NEWER"
  | "DATA_FOLDER_UNUSABLE"
  | "DATA_FOLDER_IN_USE"
  | "DATA_FOLDER_EMPTY"
  | "DATABASE_BINARY_MISSING"
  | "DATABASE_START_FAILED"
  | "DATABASE_UNREACHABLE"
  | "DATABASE_TOO_OLD"
  | "DATABASE_FOREIGN"
  | "SCHEMA_OLD"
  | "DATABASE_NEWER"
  | "MIGRATION_CHANGED"
  | "MIGRATION_FAILED"
  | "KEYS_LOST"
  | "KEYS_MISMATCH"
  | "KEYS_UNREADABLE"
  | "PORT_IN_USE"
  | "BUS_UNREACHABLE"
  | "USER_UNKNOWN"
  | "BACKUP_UNUSABLE"
  | "WOULD_OVERWRITE"
  | "INTERRUPTED";

/**
 * The relay cannot start, and the operator can do something about it. The text says what, and holds no secret: it is
 * printed as it is, without a stack trace.
 */
export class StartRefused extends Error {
  readonly code: StartRefusalCode;

  constructor(code: StartRefusalCode, text: string, options?: { cause?: unknown }) {
    super(text, options);
    this.name = "StartRefused";
    this.code = code;
  }
}
