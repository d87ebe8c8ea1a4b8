import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { StartRefused } from "../domain/start-refused.ts";
import { errorCode } from "../storage/error-code.ts";

/** Resolves with the port once the server takes connections. Throws StartRefused PORT_IN_USE or CONFIG_INVALID. */
export async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (error) {
    throw refusalOf(error, host, port);
  }
  return (server.address() as AddressInfo).port;
}

function refusalOf(error: unknown, host: string, port: number): unknown {
  const code = errorCode(error);
  if (code === "EADDRINUSE") {
    return new StartRefused("PORT_IN_USE", `Port ${port} on ${host} is in use. Stop what listens there, or set PEERBRAIN_PORT to another port.`, { cause: error });
  }
  const [variable, reason] = code === "EACCES" ? ["PEERBRAIN_PORT", "this user may not use that port"] : ["PEERBRAIN_HOST", "it is no address of this machine"];
  return new StartRefused("CONFIG_INVALID", `The relay cannot listen on ${host}, port ${port} (${code}): ${reason}. Correct ${variable}.`, { cause: error });
}
