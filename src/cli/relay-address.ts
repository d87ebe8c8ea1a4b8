import { isIP } from "node:net";
import { UsageError } from "./command-error.ts";

/** Where `npm start` puts a relay. */
export const LOCAL_RELAY = "http://127.0.0.1:4600";

/** Where a relay listens that nothing stands in front of. */
const RELAY_PORT = 4600;

/**
 * The URL of a relay, given as people say it. A name is https; an address of this machine or of the own network is http at
 * the port of a relay, because nobody certifies such an address. A scheme or a port that is written wins.
 */
export function relayUrlOf(address: string): string {
  const text = address.trim().replace(/\/+$/, "");
  const hasScheme = /^[a-z][a-z+.-]*:\/\//i.test(text);
  const url = parse(hasScheme ? text : `https://${isIP(text) === 6 ? `[${text}]` : text}`);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "" || url.username !== "") {
    throw new UsageError(`"${address}" is not the address of a relay. Give a domain, an IP address or a URL: relay.example, 192.168.1.5:4600, http://localhost:4600.`);
  }
  if (hasScheme || !isNear(url.hostname)) return url.origin;
  return `http://${url.hostname}:${url.port || (/:443$/.test(text) ? 443 : RELAY_PORT)}`;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** This machine, or a network that is not the Internet (RFC 1918, 3927, 4193, 4291, 6598). */
function isNear(hostname: string): boolean {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true;
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isIP(address) === 6) return address === "::1" || /^f[cd]|^fe[89ab]/.test(address);
  if (isIP(address) !== 4) return false;
  const [first = 0, second = 0] = address.split(".").map(Number);
  return (
    first === 10 ||
    first === 127 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254) ||
    (first === 100 && second >= 64 && second < 128)
  );
}
