import { isIP } from "node:net";

/** What of a request says where it came from: the connection's other end, and what proxies wrote. */
export interface RequestOrigin {
  socket: { remoteAddress?: string | undefined };
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Where a client is, as limits count it: an IPv4 address, or the /64 of an IPv6 one, because a home has that many addresses.
 * `trustedProxies` proxies stand before the relay and each adds the address it saw to the end of X-Forwarded-For; what a
 * client writes there itself stands further to the left and is never read. With 0 the header does not exist.
 */
export function clientAddress(request: RequestOrigin, trustedProxies: number): string {
  const seen = request.socket.remoteAddress ?? "";
  const header = [request.headers["x-forwarded-for"] ?? []].flat().join(",");
  const forwarded = trustedProxies > 0 ? header.split(",").at(-trustedProxies)?.trim() : undefined;
  return toNetwork(forwarded !== undefined && isIP(forwarded) > 0 ? forwarded : seen);
}

function toNetwork(address: string): string {
  const embedded = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (embedded !== undefined) return embedded;
  return isIP(address) === 6 ? `${firstGroups(address).join(":")}::/64` : address;
}

function firstGroups(address: string): string[] {
  const [before = "", after] = address.toLowerCase().replace(/%.*$/, "").split("::");
  const head = before.split(":").filter((group) => group !== "");
  const tail = after === undefined ? [] : after.split(":").filter((group) => group !== "");
  const zeros = new Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0");
  return [...head, ...zeros, ...tail].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ""));
}
