import { ProtocolError } from "../protocol/index.ts";
import type { AuthorLog } from "./author-log.ts";
import { ClientError } from "./errors.ts";

/**
 * Fetches what follows the newest known entry of the own chain, which has to be whole: a thought that the relay took away
 * is nobody's wish. Throws ClientError OWN_CHAIN_MISMATCH.
 */
export async function catchUpOwn(log: AuthorLog): Promise<void> {
  try {
    await log.catchUp();
    log.demandExplained();
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ClientError("OWN_CHAIN_MISMATCH", "The relay hands out a chain for you that does not verify. Nothing was changed; stop using this relay.", { cause });
  }
}
