import { describe, expect, it } from "vitest";
import { StartRefused } from "../../src/domain/start-refused.ts";
import { inspect } from "node:util";
import { allowedOrigins, publicUrlOf } from "../../src/server/config/addresses.ts";
import { loadConfig, VARIABLES } from "../../src/server/config/config.ts";
import { readEnvironment, type Environment } from "../../src/server/config/env.ts";
import { defaultLimits, LIMIT_NAMES, LIMIT_VARIABLES } from "../../src/server/config/limits.ts";

const environment = (variables: Environment["variables"] = {}, rest: Partial<Environment> = {}): Environment => ({
  variables, isRoot: false, checkoutFolder: "/srv/ada/peerbrain", workingFolder: "/srv/ada", ...rest,
});
const load = (variables: Environment["variables"] = {}, rest: Partial<Environment> = {}) => loadConfig(environment(variables, rest)).config;

function refusalOf(variables: Environment["variables"]): string {
  try {
    load(variables);
  } catch (error) {
    expect(error).toBeInstanceOf(StartRefused);
    expect((error as StartRefused).code).toBe("CONFIG_INVALID");
    return (error as StartRefused).message;
  }
  throw new Error("nothing was refused");
}

describe("the configuration", () => {
  it("needs nothing: every variable has an initial value", () => {
    expect(load({ HOME: "/srv/ada", PATH: "/bin" })).toEqual({
      dataFolder: "/srv/ada/peerbrain/.peerbrain", host: "127.0.0.1", port: 4600, publicUrl: undefined, origins: [], trustedProxyHops: 0,
      hasIntrospection: true, hasPlayground: true, logLevel: "info", workers: 1, bus: "process", limits: defaultLimits,
    });
  });

  it("takes every variable", () => {
    expect(load({
      PEERBRAIN_DATA: "data", PEERBRAIN_HOST: "::1", PEERBRAIN_PORT: "0", PEERBRAIN_PUBLIC_URL: "https://relay.example/", PEERBRAIN_TRUSTED_PROXY_HOPS: "1",
      PEERBRAIN_ORIGINS: "https://app.example, http://localhost:5173", PEERBRAIN_INTROSPECTION: "off",
      PEERBRAIN_PLAYGROUND: "off", PEERBRAIN_LOG_LEVEL: "debug", PEERBRAIN_WORKERS: "3", PEERBRAIN_BUS: "nats", PEERBRAIN_NATS_URL: "nats://127.0.0.1:4222",
    })).toEqual({
      dataFolder: "/srv/ada/data", host: "::1", port: 0, publicUrl: "https://relay.example", origins: ["https://app.example", "http://localhost:5173"],
      trustedProxyHops: 1, hasIntrospection: false, hasPlayground: false, logLevel: "debug", workers: 3, bus: "nats", limits: defaultLimits,
    });
  });

  it.each(LIMIT_NAMES)("takes the limit %s, within its range", (name) => {
    const { variable, initial, min, max } = LIMIT_VARIABLES[name];
    expect(initial).toBeGreaterThanOrEqual(min);
    expect(initial).toBeLessThanOrEqual(max);
    // Limits that depend on each other are all at their largest; the contradictions have tests of their own.
    const largest = Object.fromEntries(LIMIT_NAMES.map((each) => [LIMIT_VARIABLES[each].variable, String(LIMIT_VARIABLES[each].max)]));
    expect(load({ ...largest, [variable]: String(max) }).limits[name]).toBe(max);
    expect(refusalOf({ [variable]: String(max + 1) })).toContain(`${variable} must be a whole number from ${min} to ${max}.`);
    expect(refusalOf({ [variable]: String(min - 1) })).toContain(variable);
  });

  it("has one variable per limit", () => {
    expect(new Set(LIMIT_NAMES.map((name) => LIMIT_VARIABLES[name].variable)).size).toBe(LIMIT_NAMES.length);
  });

  it("has a bus that reaches as far as its processes do", () => {
    expect(load({ PEERBRAIN_WORKERS: "2" }).bus).toBe("postgres");
    expect(load({ PEERBRAIN_BUS: "auto" }).bus).toBe("process");
    expect(load({ PEERBRAIN_BUS: "postgres" }).bus).toBe("postgres");
    expect(load({ PEERBRAIN_BUS: "nats", PEERBRAIN_NATS_URL: "tls://relay:pw@nats.example:4222, tls://other.example" }).bus).toBe("nats");
    expect(load({ PEERBRAIN_WORKERS: "64", DATABASE_URL: "postgresql://db.example/relay" }).workers).toBe(64);
  });

  it("counts an empty variable as not set", () => {
    expect(load({ PEERBRAIN_PORT: "", DATABASE_URL: " ", PEERBRAIN_DATA: "" })).toEqual(load());
  });

  it("keeps root's data where the database's user can reach it, one folder per checkout", () => {
    const one = load({}, { isRoot: true }).dataFolder;
    const two = load({}, { isRoot: true, checkoutFolder: "/srv/other" }).dataFolder;
    expect(one).toMatch(/^\/var\/lib\/peerbrain\/[0-9a-f]{16}$/);
    expect(two).not.toBe(one);
    expect(load({}, { isRoot: true, checkoutFolder: "/srv/ada/peerbrain/" }).dataFolder).toBe(one);
    expect(load({ PEERBRAIN_DATA: "/srv/relay" }, { isRoot: true }).dataFolder).toBe("/srv/relay");
  });

  it("has no playground by default where it would be of no use, or in production", () => {
    expect(load({ NODE_ENV: "production" }).hasPlayground).toBe(false);
    expect(load({ NODE_ENV: "production", PEERBRAIN_PLAYGROUND: "on" }).hasPlayground).toBe(true);
    expect(load({ PEERBRAIN_INTROSPECTION: "off" }).hasPlayground).toBe(false);
  });
});

describe("a configuration that cannot be meant", () => {
  it.each([
    ["PEERBRAIN_PORT", "http", "from 0 to 65535"],
    ["PEERBRAIN_PORT", "65536", "from 0 to 65535"],
    ["PEERBRAIN_PORT", "4600.5", "from 0 to 65535"],
    ["PEERBRAIN_PORT", "-1", "from 0 to 65535"],
    ["PEERBRAIN_PORT", "0x10", "from 0 to 65535"],
    ["PEERBRAIN_HOST", "http://relay.example", "without a port"],
    ["PEERBRAIN_PUBLIC_URL", "relay.example", "web address"],
    ["PEERBRAIN_PUBLIC_URL", "ftp://relay.example", "web address"],
    ["PEERBRAIN_PUBLIC_URL", "http://ada:pw@relay.example", "web address"],
    ["PEERBRAIN_PUBLIC_URL", "http://relay.example/?x", "web address"],
    ["PEERBRAIN_ORIGINS", "*", "list of origins"],
    ["PEERBRAIN_ORIGINS", "null", "list of origins"],
    ["PEERBRAIN_ORIGINS", "https://app.example/path", "list of origins"],
    ["PEERBRAIN_ORIGINS", "https://app.example,evil", "list of origins"],
    ["PEERBRAIN_ORIGINS", "file:///pages", "list of origins"],
    ["PEERBRAIN_TRUSTED_PROXY_HOPS", "all", "from 0 to 10"],
    ["PEERBRAIN_INTROSPECTION", "true", "on or off"],
    ["PEERBRAIN_PLAYGROUND", "yes", "on or off"],
    ["PEERBRAIN_LOG_LEVEL", "loud", "must be one of"],
    ["DATABASE_URL", "mysql://host/db", "postgresql://"],
    ["PEERBRAIN_WORKERS", "0", "from 1 to 64"],
    ["PEERBRAIN_WORKERS", "many", "from 1 to 64"],
    ["PEERBRAIN_BUS", "kafka", "auto, process, postgres, nats"],
    ["PEERBRAIN_NATS_URL", "127.0.0.1:4222", "nats://user:password@host:port"],
    ["PEERBRAIN_NATS_URL", "nats://one,http://two", "nats://user:password@host:port"],
  ])("%s=%s is refused", (variable, value, text) => {
    const refusal = refusalOf({ [variable]: value });
    expect(refusal).toContain(`${variable} must be`);
    expect(refusal).toContain(text);
  });

  it.each([
    ["an https address without a proxy", { PEERBRAIN_PUBLIC_URL: "https://relay.example" }, "PEERBRAIN_TRUSTED_PROXY_HOPS"],
    ["a playground without a schema", { PEERBRAIN_PLAYGROUND: "on", PEERBRAIN_INTROSPECTION: "off" }, "needs the schema"],
    ["strangers who may send more than users", { PEERBRAIN_MAX_REQUEST_BYTES: "100000", PEERBRAIN_MAX_SIGNED_IN_REQUEST_BYTES: "99999" }, "strangers"],
    ["headers that may take longer than the request", { PEERBRAIN_HEADERS_TIMEOUT_MS: "30001" }, "part of the request"],
    ["a grace as long as a token's life", { PEERBRAIN_ACCESS_TOKEN_SECONDS: "10" }, "stolen refresh token"],
    ["workers that do not hear each other", { PEERBRAIN_WORKERS: "2", PEERBRAIN_BUS: "process" }, "would not hear each other"],
    ["a bus over NATS without a server", { PEERBRAIN_BUS: "nats" }, "PEERBRAIN_NATS_URL is not set"],
    ["a server of NATS that nobody asks", { PEERBRAIN_NATS_URL: "nats://127.0.0.1" }, "nobody would use it"],
    ["more connections than the embedded database has", { PEERBRAIN_WORKERS: "8" }, "come to 99 connections"],
    ["a limit that never counts", { PEERBRAIN_LOGIN_STARTS_PER_USER_MINUTE: "31" }, "never count"],
  ])("%s is refused", (_, variables, text) => expect(refusalOf(variables)).toContain(text));

  it("an unknown variable is refused, with the known one that it looks like", () => {
    expect(refusalOf({ PEERBRAIN_PROT: "1" })).toContain("PEERBRAIN_PROT is not a variable of PeerBrain: did you mean PEERBRAIN_PORT?");
    expect(refusalOf({ PEERBRAIN_MAX_SOCKET_PER_USERS: "1" })).toContain("did you mean PEERBRAIN_MAX_SOCKETS_PER_USER?");
    expect(refusalOf({ PEERBRAIN_COLOUR_OF_THE_SKY: "blue" })).toContain("PEERBRAIN_COLOUR_OF_THE_SKY is not a variable of PeerBrain\n");
  });

  it("everything that is wrong is told at once", () => {
    const refusal = refusalOf({ PEERBRAIN_PORT: "x", PEERBRAIN_HOSTS: "y", PEERBRAIN_PLAYGROUND: "z" });
    for (const variable of ["PEERBRAIN_PORT", "PEERBRAIN_HOSTS", "PEERBRAIN_PLAYGROUND"]) expect(refusal).toContain(variable);
  });

  it("a refusal does not repeat what a secret holds", () => {
    expect(refusalOf({ DATABASE_URL: "postgres//ada:hunter2@host/db", PEERBRAIN_NATS_URL: "ada:hunter2@host" })).not.toContain("hunter2");
  });
});

describe("secrets", () => {
  const { config, secrets } = loadConfig(environment({
    DATABASE_URL: "postgresql://ada:hunter2@db.example/relay", PEERBRAIN_BUS: "nats", PEERBRAIN_NATS_URL: "nats://ada:hunter2@nats.example",
  }));

  it("are apart from the configuration and show themselves only when asked", () => {
    expect(secrets.databaseUrl?.reveal()).toBe("postgresql://ada:hunter2@db.example/relay");
    expect(secrets.natsUrl?.reveal()).toBe("nats://ada:hunter2@nats.example");
    expect(JSON.stringify(config)).not.toContain("hunter2");
    for (const shown of [JSON.stringify(secrets), inspect(secrets, { depth: 9, showHidden: true }), String(secrets.databaseUrl)]) expect(shown).not.toContain("hunter2");
  });
});

describe("addresses", () => {
  const place = (variables: Environment["variables"]) => load(variables);

  it("follow from host and port unless they are given", () => {
    expect(publicUrlOf(place({}), 4600)).toBe("http://127.0.0.1:4600");
    expect(publicUrlOf(place({ PEERBRAIN_HOST: "::1" }), 1)).toBe("http://[::1]:1");
    expect(publicUrlOf(place({ PEERBRAIN_HOST: "0.0.0.0" }), 1)).toBe("http://localhost:1");
    expect(publicUrlOf(place({ PEERBRAIN_PUBLIC_URL: "http://relay.example/brain/" }), 1)).toBe("http://relay.example/brain");
  });

  it("of a relay on this machine allow pages under each name of this machine, and no others", () => {
    expect(allowedOrigins(place({}), 7)).toEqual(["http://127.0.0.1:7", "http://localhost:7", "http://[::1]:7"]);
    expect(allowedOrigins(place({ PEERBRAIN_HOST: "192.0.2.1" }), 7)).toEqual(["http://192.0.2.1:7"]);
  });

  it("of a public relay allow its own pages and those it was told", () => {
    const variables = { PEERBRAIN_PUBLIC_URL: "https://relay.example/brain", PEERBRAIN_TRUSTED_PROXY_HOPS: "1", PEERBRAIN_ORIGINS: "https://app.example" };
    expect(allowedOrigins(place(variables), 7)).toEqual(["https://relay.example", "https://app.example"]);
  });
});

describe("the environment of this process", () => {
  it("is read as it is", () => {
    const found = readEnvironment();
    expect(found.variables["PATH"]).toBe(process.env["PATH"]);
    expect(found.isRoot).toBe(process.getuid?.() === 0);
    expect(found.workingFolder).toBe(process.cwd());
    expect(`${found.checkoutFolder}test/server`).toBe(import.meta.dirname);
  });

  it("names every variable once", () => expect(new Set(VARIABLES).size).toBe(VARIABLES.length));
});
