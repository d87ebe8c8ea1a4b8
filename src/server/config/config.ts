import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { z } from "zod";
import { StartRefused } from "../../domain/start-refused.ts";
import type { Environment } from "./env.ts";
import { LIMIT_NAMES, LIMIT_VARIABLES, type Limits } from "./limits.ts";
import { Secret, type Secrets } from "./secrets.ts";
import { suggest } from "./suggest.ts";

const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const BUSES = ["process", "postgres", "nats"] as const;
/** What carries events between the relay's processes. */
export type BusKind = (typeof BUSES)[number];

/** What a relay is told, checked and complete; no secret among it. docs/CONFIGURATION.md explains every variable. */
export interface Config {
  /** Absolute. */
  dataFolder: string;
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Where clients reach the relay, without a slash at the end; undefined when that follows from host and port. */
  publicUrl: string | undefined;
  /** Of web pages that may use the relay besides its own. */
  origins: readonly string[];
  /** Proxies before the relay, each of which adds the address it saw to X-Forwarded-For. */
  trustedProxyHops: number;
  hasIntrospection: boolean;
  hasPlayground: boolean;
  logLevel: LogLevel;
  /** Processes that share the port; with 1 the relay is one process. */
  workers: number;
  bus: BusKind;
  limits: Limits;
}

const PREFIX = "PEERBRAIN_";
const ROOT_DATA_FOLDER = "/var/lib/peerbrain";
const MAX_WORKERS = 64;
/** What the embedded database has to give, less a few for the start and the operator. */
const EMBEDDED_CONNECTIONS = 95;

const onOff = z.enum(["on", "off"], { error: "must be on or off" }).transform((word) => word === "on");

const wholeNumber = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d{1,12}$/, error).transform(Number).pipe(z.number().min(min, error).max(max, error));
};

const origin = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
const address = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === "";
};

const natsAddress = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash } = new URL(text);
  return /^(nats|tls):$/.test(protocol) && hostname !== "" && /^\/?$/.test(pathname) && search + hash === "";
};

const limitShape = Object.fromEntries(
  LIMIT_NAMES.map((name) => [LIMIT_VARIABLES[name].variable, wholeNumber(LIMIT_VARIABLES[name].min, LIMIT_VARIABLES[name].max).optional()]),
);

const shape = z.object({
  NODE_ENV: z.string().optional(),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\/[^\s]+$/, "must be of the form postgresql://user:password@host:port/database").optional(),
  PEERBRAIN_DATA: z.string().optional(),
  PEERBRAIN_HOST: z.string().regex(/^[0-9A-Za-z.:_-]+$/, "must be a host name or an IP address, without a port").default("127.0.0.1"),
  PEERBRAIN_PORT: wholeNumber(0, 65_535).default(4600),
  PEERBRAIN_PUBLIC_URL: z.string().refine(address, "must be a web address such as https://relay.example, without user, query or fragment")
    .transform((text) => text.replace(/\/+$/, "")).optional(),
  PEERBRAIN_ORIGINS: z.string().transform((text) => text.split(",").map((part) => part.trim()))
    .refine((parts) => parts.every(origin), "must be a list of origins such as https://app.example, separated by commas, without paths").default([]),
  PEERBRAIN_TRUSTED_PROXY_HOPS: wholeNumber(0, 10).default(0),
  PEERBRAIN_INTROSPECTION: onOff.default(true),
  PEERBRAIN_PLAYGROUND: onOff.optional(),
  PEERBRAIN_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }).default("info"),
  PEERBRAIN_WORKERS: wholeNumber(1, MAX_WORKERS).default(1),
  PEERBRAIN_BUS: z.enum(["auto", ...BUSES], { error: `must be one of auto, ${BUSES.join(", ")}` }).default("auto"),
  PEERBRAIN_NATS_URL: z.string().refine((text) => text.split(",").every((part) => natsAddress(part.trim())),
    "must be of the form nats://user:password@host:port, or tls:// for an encrypted connection; several separated by commas").optional(),
  ...limitShape,
});

/** Every variable that the relay reads. */
export const VARIABLES: readonly string[] = Object.keys(shape.shape);

/** The configuration that the environment asks for. Throws StartRefused CONFIG_INVALID with everything that is wrong with it. */
export function loadConfig(environment: Environment): { config: Config; secrets: Secrets } {
  const given = readGiven(environment);
  const unknown = Object.keys(given).filter((name) => !VARIABLES.includes(name)).map(describeUnknown);
  const parsed = shape.safeParse(given);
  const invalid = parsed.error?.issues.map((issue) => `${issue.path.join(".")} ${issue.message}.`) ?? [];
  if (!parsed.success || unknown.length > 0) throw refuse([...unknown, ...invalid]);

  const values = parsed.data;
  const limits = Object.fromEntries(
    LIMIT_NAMES.map((name) => [name, (values as Record<string, unknown>)[LIMIT_VARIABLES[name].variable] ?? LIMIT_VARIABLES[name].initial]),
  ) as Limits;
  const hasIntrospection = values.PEERBRAIN_INTROSPECTION;
  const config: Config = {
    dataFolder: findDataFolder(environment, values.PEERBRAIN_DATA),
    host: values.PEERBRAIN_HOST,
    port: values.PEERBRAIN_PORT,
    publicUrl: values.PEERBRAIN_PUBLIC_URL,
    origins: values.PEERBRAIN_ORIGINS,
    trustedProxyHops: values.PEERBRAIN_TRUSTED_PROXY_HOPS,
    hasIntrospection,
    hasPlayground: values.PEERBRAIN_PLAYGROUND ?? (hasIntrospection && values.NODE_ENV !== "production"),
    logLevel: values.PEERBRAIN_LOG_LEVEL,
    workers: values.PEERBRAIN_WORKERS,
    bus: values.PEERBRAIN_BUS === "auto" ? (values.PEERBRAIN_WORKERS === 1 ? "process" : "postgres") : values.PEERBRAIN_BUS,
    limits,
  };
  const secrets: Secrets = { databaseUrl: secret(values.DATABASE_URL), natsUrl: secret(values.PEERBRAIN_NATS_URL) };
  const contradictions = [...findContradictions(config), ...findContradictionsOfProcesses(config, secrets)];
  if (contradictions.length > 0) throw refuse(contradictions);
  return { config, secrets };
}

function secret(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}

/** The relay's own variables that are set to something: an empty one counts as not set. */
function readGiven({ variables }: Environment): Record<string, string> {
  const ours = Object.entries(variables).filter(([name, value]) => (name.startsWith(PREFIX) || VARIABLES.includes(name)) && value?.trim());
  return Object.fromEntries(ours.map(([name, value]) => [name, (value ?? "").trim()]));
}

function describeUnknown(name: string): string {
  const known = suggest(name, VARIABLES);
  return `${name} is not a variable of PeerBrain${known === undefined ? "" : `: did you mean ${known}?`}`;
}

function findDataFolder({ isRoot, checkoutFolder, workingFolder }: Environment, given: string | undefined): string {
  if (given !== undefined) return resolve(workingFolder, given);
  if (!isRoot) return join(checkoutFolder, ".peerbrain");
  // The database's unprivileged user has to reach the folder, and may not be able to enter the checkout.
  return join(ROOT_DATA_FOLDER, createHash("sha256").update(resolve(checkoutFolder)).digest("hex").slice(0, 16));
}

function findContradictions({ publicUrl, trustedProxyHops, hasPlayground, hasIntrospection, limits }: Config): string[] {
  const contradictions: [holds: boolean, text: string][] = [
    [
      publicUrl?.startsWith("https:") === true && trustedProxyHops === 0,
      "PEERBRAIN_PUBLIC_URL is https, so a proxy stands before the relay, but PEERBRAIN_TRUSTED_PROXY_HOPS is 0: all clients would share the limits of one address. Say how many proxies there are.",
    ],
    [hasPlayground && !hasIntrospection, "PEERBRAIN_PLAYGROUND is on, and PEERBRAIN_INTROSPECTION is off: the playground needs the schema."],
    [limits.maxRequestBytes > limits.maxSignedInRequestBytes, "PEERBRAIN_MAX_REQUEST_BYTES is above PEERBRAIN_MAX_SIGNED_IN_REQUEST_BYTES: strangers may not send more than users."],
    [limits.headersTimeoutMs > limits.requestTimeoutMs, "PEERBRAIN_HEADERS_TIMEOUT_MS is above PEERBRAIN_REQUEST_TIMEOUT_MS: the headers are part of the request."],
    [limits.refreshGraceSeconds >= limits.accessTokenSeconds, "PEERBRAIN_REFRESH_GRACE_SECONDS is not below PEERBRAIN_ACCESS_TOKEN_SECONDS: a stolen refresh token would never be noticed."],
    [limits.loginStartsPerUserMinute > limits.loginStartsPerAddressMinute, "PEERBRAIN_LOGIN_STARTS_PER_USER_MINUTE is above PEERBRAIN_LOGIN_STARTS_PER_ADDRESS_MINUTE, so it would never count."],
  ];
  return contradictions.filter(([holds]) => holds).map(([, text]) => text);
}

function findContradictionsOfProcesses({ workers, bus, limits }: Config, { databaseUrl, natsUrl }: Secrets): string[] {
  // While a worker is replaced there is one more; each has a connection for the bus besides those for requests.
  const connections = (workers + 1) * (limits.maxDatabaseConnections + 1);
  const contradictions: [holds: boolean, text: string][] = [
    [workers > 1 && bus === "process", "PEERBRAIN_BUS is process, and PEERBRAIN_WORKERS is above 1: the workers would not hear each other. Take auto, postgres or nats."],
    [bus === "nats" && natsUrl === undefined, "PEERBRAIN_BUS is nats, and PEERBRAIN_NATS_URL is not set: say where the server is."],
    [bus !== "nats" && natsUrl !== undefined, "PEERBRAIN_NATS_URL is set, and PEERBRAIN_BUS is not nats: nobody would use it. Set PEERBRAIN_BUS to nats."],
    [
      workers > 1 && databaseUrl === undefined && connections > EMBEDDED_CONNECTIONS,
      `PEERBRAIN_WORKERS and PEERBRAIN_MAX_DATABASE_CONNECTIONS come to ${connections} connections, one worker that takes another's place included; the embedded database has ${EMBEDDED_CONNECTIONS}. Lower one of them, or use a database of your own with DATABASE_URL.`,
    ],
  ];
  return contradictions.filter(([holds]) => holds).map(([, text]) => text);
}

function refuse(problems: string[]): StartRefused {
  return new StartRefused("CONFIG_INVALID", ["The configuration cannot be used:", ...problems.map((problem) => `  ${problem}`), "docs/CONFIGURATION.md describes every variable."].join("\n"));
}
