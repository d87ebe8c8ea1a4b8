import { expect, test } from "vitest";
import { relayUrlOf } from "../../src/cli/relay-address.ts";

test.each([
  ["relay.example", "https://relay.example"],
  ["relay.example:8443", "https://relay.example:8443"],
  ["https://relay.example/", "https://relay.example"],
  ["http://relay.example", "http://relay.example"],
  ["localhost", "http://localhost:4600"],
  ["127.0.0.1", "http://127.0.0.1:4600"],
  ["127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["192.168.1.5", "http://192.168.1.5:4600"],
  ["10.1.2.3:4601", "http://10.1.2.3:4601"],
  ["172.16.0.1", "http://172.16.0.1:4600"],
  ["172.32.0.1", "https://172.32.0.1"],
  ["100.64.0.1", "http://100.64.0.1:4600"],
  ["169.254.7.7", "http://169.254.7.7:4600"],
  ["203.0.113.9", "https://203.0.113.9"],
  ["::1", "http://[::1]:4600"],
  ["[fd00::5]:4700", "http://[fd00::5]:4700"],
  ["2001:db8::1", "https://[2001:db8::1]"],
  ["https://192.168.1.5", "https://192.168.1.5"],
])("%s is %s", (address, url) => {
  expect(relayUrlOf(address)).toBe(url);
});

test.each(["", "relay.example/graphql", "ws://relay.example", "http://a b", "https://me@relay.example", "relay.example?x=1", "127.0.0.1:99999"])("%j is no address of a relay", (address) => {
  expect(() => relayUrlOf(address)).toThrow("is not the address of a relay");
});
