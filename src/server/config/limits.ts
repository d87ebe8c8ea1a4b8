/** A bound of the relay that its operator may set. */
interface LimitVariable {
  variable: string;
  initial: number;
  min: number;
  max: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const DAY_SECONDS = 86_400;

function limit(variable: string, initial: number, min = 1, max = 1_000_000): LimitVariable {
  return { variable, initial, min, max };
}

/** Every limit with the environment variable that sets it, its initial value and the range it may take. */
export const LIMIT_VARIABLES = {
  // Requests over HTTP. Who is signed in may send more: a rotation for 1 000 friends carries 2 MB of grants.
  maxRequestBytes: limit("PEERBRAIN_MAX_REQUEST_BYTES", 256 * KIB, 16 * KIB, 64 * MIB),
  maxSignedInRequestBytes: limit("PEERBRAIN_MAX_SIGNED_IN_REQUEST_BYTES", 4 * MIB, 16 * KIB, 64 * MIB),
  headersTimeoutMs: limit("PEERBRAIN_HEADERS_TIMEOUT_MS", 10_000, 100),
  requestTimeoutMs: limit("PEERBRAIN_REQUEST_TIMEOUT_MS", 30_000, 100),

  // WebSockets.
  maxFrameBytes: limit("PEERBRAIN_MAX_FRAME_BYTES", 256 * KIB, 16 * KIB, 64 * MIB),
  maxOperationsPerSocket: limit("PEERBRAIN_MAX_OPERATIONS_PER_SOCKET", 10),
  maxSocketsPerUser: limit("PEERBRAIN_MAX_SOCKETS_PER_USER", 8),
  maxSocketsPerAddress: limit("PEERBRAIN_MAX_SOCKETS_PER_ADDRESS", 50),
  connectionInitMs: limit("PEERBRAIN_CONNECTION_INIT_MS", 3_000, 100),
  pingMs: limit("PEERBRAIN_PING_MS", 30_000, 100),
  // A single entry has to fit, or nobody could ever be sent one.
  maxUnsentEntries: limit("PEERBRAIN_MAX_UNSENT_ENTRIES", 256),
  maxUnsentBytes: limit("PEERBRAIN_MAX_UNSENT_BYTES", MIB, 256 * KIB, 1024 * MIB),

  // Operations, over either transport.
  maxTokens: limit("PEERBRAIN_MAX_TOKENS", 1_000, 100),
  maxDepth: limit("PEERBRAIN_MAX_DEPTH", 10),
  maxAliases: limit("PEERBRAIN_MAX_ALIASES", 15),
  maxDirectives: limit("PEERBRAIN_MAX_DIRECTIVES", 20),
  maxCost: limit("PEERBRAIN_MAX_COST", 10_000, 100, 100_000_000),

  // How often.
  loginStartsPerUserMinute: limit("PEERBRAIN_LOGIN_STARTS_PER_USER_MINUTE", 5),
  loginStartsPerAddressMinute: limit("PEERBRAIN_LOGIN_STARTS_PER_ADDRESS_MINUTE", 30),
  registrationsPerAddressHour: limit("PEERBRAIN_REGISTRATIONS_PER_ADDRESS_HOUR", 5),
  friendRequestsPerUserDay: limit("PEERBRAIN_FRIEND_REQUESTS_PER_USER_DAY", 20),
  appendsPerUserMinute: limit("PEERBRAIN_APPENDS_PER_USER_MINUTE", 60),
  readsPerMinute: limit("PEERBRAIN_READS_PER_MINUTE", 600),

  // Tokens.
  accessTokenSeconds: limit("PEERBRAIN_ACCESS_TOKEN_SECONDS", 600, 1, DAY_SECONDS),
  refreshGraceSeconds: limit("PEERBRAIN_REFRESH_GRACE_SECONDS", 10, 0, 3_600),

  // The process.
  maxDatabaseConnections: limit("PEERBRAIN_MAX_DATABASE_CONNECTIONS", 10, 2, 90),
  shutdownSeconds: limit("PEERBRAIN_SHUTDOWN_SECONDS", 15, 1, 3_600),
} as const satisfies Record<string, LimitVariable>;

export type LimitName = keyof typeof LIMIT_VARIABLES;

/** Bytes, milliseconds, seconds or counts, as each name says. docs/CONFIGURATION.md explains every one. */
export type Limits = Readonly<Record<LimitName, number>>;

export const LIMIT_NAMES = Object.keys(LIMIT_VARIABLES) as LimitName[];

/** What holds unless the environment says otherwise. Tests and benchmarks that need more say so where they start a relay. */
export const defaultLimits: Limits = Object.fromEntries(LIMIT_NAMES.map((name) => [name, LIMIT_VARIABLES[name].initial])) as Limits;
