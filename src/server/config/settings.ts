import { VARIABLES } from "./config.ts";
import { LIMIT_NAMES, LIMIT_VARIABLES } from "./limits.ts";

/** A variable as the command line takes it. */
export interface Setting {
  variable: string;
  /** `--max-frame-bytes` for PEERBRAIN_MAX_FRAME_BYTES. */
  flag: string;
  /** What stands for the value in help. */
  value: string;
  summary: string;
}

const PREFIX = "PEERBRAIN_";

/** Everybody on the machine can read a command line, so what holds a password is said in the environment only. */
const NOT_ON_THE_COMMAND_LINE: ReadonlySet<string> = new Set(["DATABASE_URL", "PEERBRAIN_NATS_URL", "NODE_ENV"]);

const DESCRIBED: Readonly<Record<string, readonly [value: string, summary: string]>> = {
  PEERBRAIN_DATA: ["folder", "the data folder"],
  PEERBRAIN_HOST: ["address", "the address to listen on; 0.0.0.0 or :: for every one"],
  PEERBRAIN_PORT: ["number", "the port to listen on; 0 takes any free one"],
  PEERBRAIN_PUBLIC_URL: ["url", "where clients reach the relay, such as https://relay.example"],
  PEERBRAIN_ORIGINS: ["list", "origins of other web pages that may use the relay, separated by commas"],
  PEERBRAIN_TRUSTED_PROXY_HOPS: ["count", "how many proxies stand before the relay"],
  PEERBRAIN_INTROSPECTION: ["on|off", "whether clients may ask for the schema"],
  PEERBRAIN_PLAYGROUND: ["on|off", "whether the playground page is served"],
  PEERBRAIN_LOG_LEVEL: ["level", "debug, info, warn, error or silent"],
  PEERBRAIN_WORKERS: ["count", "processes that share the port; SIGHUP replaces them one by one, without an interruption"],
  PEERBRAIN_BUS: ["kind", "what carries news between processes: auto, process, postgres or nats"],
  ...Object.fromEntries(LIMIT_NAMES.map((name) => LIMIT_VARIABLES[name]).map(({ variable, initial, min, max }) => [variable, ["number", `${min} to ${max}, initially ${initial}`]])),
};

/** Every variable that may be said on the command line, in the order of the configuration. */
export const SETTINGS: readonly Setting[] = VARIABLES.filter((variable) => !NOT_ON_THE_COMMAND_LINE.has(variable)).map((variable) => {
  const [value, summary] = DESCRIBED[variable] ?? ["value", "see docs/CONFIGURATION.md"];
  return { variable, flag: flagOf(variable), value, summary };
});

function flagOf(variable: string): string {
  return `--${variable.slice(PREFIX.length).toLowerCase().replaceAll("_", "-")}`;
}
