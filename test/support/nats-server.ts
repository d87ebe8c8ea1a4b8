import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A NATS server of a test's own, on a free port of the loopback. */
export interface NatsServer {
  url: string;
  countConnections(): Promise<number>;
  stop(): Promise<void>;
  /** On the same port. */
  start(): Promise<void>;
}

export async function startNatsServer(program: string, options: string[] = []): Promise<NatsServer> {
  const [port, monitorPort] = await findFreePorts();
  let child: ChildProcess | undefined;
  const ask = async (path: string): Promise<Record<string, unknown>> =>
    (await (await fetch(`http://127.0.0.1:${monitorPort}/${path}`, { headers: { connection: "close" } })).json()) as Record<string, unknown>;

  const server: NatsServer = {
    url: `nats://127.0.0.1:${port}`,
    countConnections: async () => Number((await ask("varz"))["connections"]),
    async stop() {
      if (!child) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      child = undefined;
    },
    async start() {
      const started = spawn(program, ["--addr", "127.0.0.1", "--port", `${port}`, "--http_port", `${monitorPort}`, ...options], { stdio: "ignore" });
      child = started;
      while (!(await ask("healthz").catch(() => undefined))) {
        if (started.exitCode !== null) throw new Error("nats-server does not start");
        await sleep(20);
      }
    },
  };
  await server.start();
  return server;
}

async function findFreePorts(): Promise<[number, number]> {
  const holders = [createServer(), createServer()] as const;
  for (const holder of holders) await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port) as [number, number];
  for (const holder of holders) await new Promise((resolve) => holder.close(resolve));
  return ports;
}
