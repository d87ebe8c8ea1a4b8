import { connect } from "@nats-io/transport-node";
import { describe, expect, test } from "vitest";
import { createNatsBus } from "../../src/realtime/buses/nats-bus.ts";
import { findProgram } from "../support/find-program.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { type BusWorld, entry, holdsAsABus, openProcess, random } from "./bus-conformance.ts";

const program = findProgram("nats-server");
if (program === undefined) process.stderr.write("NO NATS: there is no nats-server on this machine, so the bus over NATS is not tested.\n");

const openOn = (url: string, relayName = "one"): BusWorld["open"] => (log) => createNatsBus({ url, relayName, random, log });

async function openWorld(): Promise<BusWorld> {
  const server = await startNatsServer(program ?? "");
  return {
    open: openOn(server.url),
    network: {
      async cut() {
        await server.stop();
        await server.start();
      },
      async send(text) {
        const stranger = await connect({ servers: server.url });
        stranger.publish("peerbrain.one", text);
        await stranger.drain();
      },
      countConnections: server.countConnections,
    },
    close: server.stop,
  };
}

describe.skipIf(program === undefined)("the bus over NATS", () => {
  holdsAsABus(openWorld, { reachesOthers: true });

  test("does not reach another relay on the same server", async () => {
    const server = await startNatsServer(program ?? "");
    const [one, neighbour, stranger] = await Promise.all(["one", "one", "two"].map((name) => openProcess(openOn(server.url, name))));
    if (!one || !neighbour || !stranger) throw new Error("unreachable");
    one.bus.publish(entry(1, 1));
    await neighbour.until(() => neighbour.heard.length > 0);
    await Promise.all([one, neighbour, stranger].map(({ bus }) => bus.close()));
    expect(stranger.heard).toEqual([]);
    await server.stop();
  });

  test("signs in with the user and the password of its address, and with no other", async () => {
    const server = await startNatsServer(program ?? "", ["--user", "relay", "--pass", "a secret/word"]);
    const withPassword = (password: string): string => server.url.replace("://", `://relay:${encodeURIComponent(password)}@`);
    const { bus } = await openProcess(openOn(withPassword("a secret/word")));
    await bus.close();
    await expect(openProcess(openOn(withPassword("a guess")))).rejects.toThrow();
    await expect(openProcess(openOn(server.url))).rejects.toThrow();
    await server.stop();
    await expect(openProcess(openOn(withPassword("a secret/word")))).rejects.toThrow();
  });
});
