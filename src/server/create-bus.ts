import { createHash } from "node:crypto";
import type { Log } from "../domain/log.ts";
import type { Random } from "../domain/ports/index.ts";
import { StartRefused } from "../domain/start-refused.ts";
import { createInProcessBus } from "../realtime/buses/in-process-bus.ts";
import { createNatsBus } from "../realtime/buses/nats-bus.ts";
import { createPostgresBus, type PostgresBusOptions } from "../realtime/buses/postgres-bus.ts";
import type { RelayBus } from "../realtime/buses/relay-bus.ts";
import { withoutTimeline } from "../storage/database-identity.ts";
import { errorCode } from "../storage/error-code.ts";
import type { BusKind } from "./config/config.ts";
import type { Secret } from "./config/secrets.ts";
import { fingerprintOf, type RelayKeys } from "./keys/relay-keys.ts";

export interface CreateBusOptions {
  kind: BusKind;
  connection: PostgresBusOptions["connection"];
  natsUrl: Secret | undefined;
  keys: RelayKeys;
  databaseIdentity: string;
  random: Random;
  log: Log;
}

/** The bus between this process and the relay's others, connected. Throws StartRefused BUS_UNREACHABLE. */
export async function createBus({ kind, connection, natsUrl, keys, databaseIdentity, random, log }: CreateBusOptions): Promise<RelayBus> {
  try {
    switch (kind) {
      case "process":
        return createInProcessBus(log);
      case "postgres":
        return await createPostgresBus({ connection, random, log });
      case "nats":
        return await createNatsBus({ url: natsUrl?.reveal() ?? "", relayName: relayNameOf(keys, databaseIdentity), random, log });
    }
  } catch (error) {
    const [place, remedy] = kind === "nats" ? ["NATS server", "Start it, or correct PEERBRAIN_NATS_URL."] : ["database", "See whether it has a connection left."];
    throw new StartRefused("BUS_UNREACHABLE", `The bus cannot be reached at the ${place} (${errorCode(error)}). ${remedy}`, { cause: error });
  }
}

/** The same for all processes of a relay, and for no other relay: those that share a NATS server do not hear each other. */
function relayNameOf(keys: RelayKeys, databaseIdentity: string): string {
  return createHash("sha256").update(JSON.stringify(["bus", fingerprintOf(keys), withoutTimeline(databaseIdentity)])).digest("base64url").slice(0, 22);
}
