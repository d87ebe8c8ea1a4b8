import { expect, test } from "vitest";
import { clientAddress } from "../../src/server/client-address.ts";

const from = (remoteAddress: string, forwarded?: string | string[]) => ({ socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } });

test.each([
  ["an IPv4 address is taken as it is", from("192.0.2.7"), 0, "192.0.2.7"],
  ["in the guise of IPv6 too", from("::ffff:192.0.2.7"), 0, "192.0.2.7"],
  ["of an IPv6 address the first half counts", from("2001:db8:1:2:a:b:c:d"), 0, "2001:db8:1:2::/64"],
  ["however it is written", from("2001:0DB8:0001::9"), 0, "2001:db8:1:0::/64"],
  ["this machine", from("::1"), 0, "0:0:0:0::/64"],
  ["without a proxy, what a client writes is not read", from("192.0.2.7", "198.51.100.1"), 0, "192.0.2.7"],
  ["behind one proxy, the last entry is the proxy's", from("192.0.2.7", "198.51.100.1, 203.0.113.5"), 1, "203.0.113.5"],
  ["behind two, the last but one", from("192.0.2.7", ["6.6.6.6, 198.51.100.1", "203.0.113.5"]), 2, "198.51.100.1"],
  ["who went round the proxies is seen without them", from("192.0.2.7", "198.51.100.1"), 2, "192.0.2.7"],
  ["what is no address is not believed", from("192.0.2.7", "unknown"), 1, "192.0.2.7"],
])("%s", (_, request, trustedProxies, address) => {
  expect(clientAddress(request, trustedProxies)).toBe(address);
});
