import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "./database.ts";

/** A way to the database that a test can cut: to the relay the database is gone. */
export interface DatabaseProxy {
  connection: TestDatabase["connection"];
  /** Cuts every connection and lets no new one through. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function createDatabaseProxy({ connection }: TestDatabase): Promise<DatabaseProxy> {
  const folder = await mkdtemp(join(tmpdir(), "pb-"));
  const name = `.s.PGSQL.${connection.port}`;
  const open = new Set<Socket>();
  let server: Server | undefined;

  const track = (socket: Socket): Socket => {
    open.add(socket);
    return socket.on("error", () => undefined).once("close", () => open.delete(socket));
  };
  const proxy: DatabaseProxy = {
    connection: { ...connection, host: folder },
    async cut() {
      const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
      for (const socket of open) socket.destroy();
      await closed;
      server = undefined;
    },
    async restore() {
      server = createServer((client) => {
        const database = track(connect(join(connection.host, name)));
        track(client).pipe(database).pipe(client);
        client.once("close", () => database.destroy());
        database.once("close", () => client.destroy());
      });
      await new Promise<void>((resolve) => server?.listen(join(folder, name), resolve));
    },
    async close() {
      await proxy.cut();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await proxy.restore();
  return proxy;
}
