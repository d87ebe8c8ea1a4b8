import { createServer } from "node:http";
import { StartRefused } from "../../domain/start-refused.ts";
import { publicUrlOf } from "../config/addresses.ts";
import { listen } from "../listen.ts";
import { askRelay } from "./ask-relay.ts";
import type { KnownKeys } from "./check-keys.ts";
import type { Examination } from "./examination.ts";
import { fail, failOf, ok, type Finding } from "./finding.ts";

const CHECK = "port";

/** Whether the port is free, or this relay's own. */
export async function checkPort({ config }: Examination, keys: KnownKeys | undefined): Promise<{ finding: Finding; isRunning: boolean }> {
  const { host, port } = config;
  const stopped = (finding: Finding): { finding: Finding; isRunning: boolean } => ({ finding, isRunning: false });
  if (port === 0) return stopped(ok(CHECK, "any free one"));
  try {
    const server = createServer();
    await listen(server, config);
    await new Promise((resolve) => server.close(resolve));
    return stopped(ok(CHECK, `port ${port} on ${host} is free: the relay does not run`));
  } catch (error) {
    if (!(error instanceof StartRefused) || error.code !== "PORT_IN_USE") return stopped(failOf(CHECK, error));
    const answer = await askRelay(publicUrlOf({ ...config, publicUrl: undefined }, port), keys?.receiptKey).catch(() => undefined);
    if (answer?.whose === "this") return { finding: ok(CHECK, `this relay answers on port ${port} of ${host}`), isRunning: true };
    const who = answer?.whose === "other" ? "another relay answers there" : "what listens there is no relay";
    return stopped(fail(CHECK, "PORT_IN_USE", `port ${port} on ${host} is in use, and ${who}`, "Stop it, or set PEERBRAIN_PORT to another port."));
  }
}
