import type { Config } from "./config.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const EVERY_ADDRESS = ["0.0.0.0", "::"];

type Place = Pick<Config, "host" | "publicUrl" | "origins">;

/** Where clients reach a relay that listens on `port`, without a slash at the end. */
export function publicUrlOf({ host, publicUrl }: Place, port: number): string {
  return publicUrl ?? `http://${EVERY_ADDRESS.includes(host) ? "localhost" : inUrl(host)}:${port}`;
}

/** The origins of web pages that may use a relay that listens on `port`: its own, under each name it has, and those it was told. */
export function allowedOrigins(place: Place, port: number): readonly string[] {
  const own = new URL(publicUrlOf(place, port));
  const isLocal = place.publicUrl === undefined && (EVERY_ADDRESS.includes(place.host) || LOOPBACK.includes(own.hostname));
  const local = isLocal ? LOOPBACK.map((host) => `http://${host}:${port}`) : [];
  return [...new Set([own.origin, ...local, ...place.origins])];
}

function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
