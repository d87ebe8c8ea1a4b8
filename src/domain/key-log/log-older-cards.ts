import type { UnitOfWork } from "../ports/index.ts";
import { appendToKeyLog } from "./append-to-key-log.ts";

/** Leaves of one transaction. */
const BATCH = 5_000;

/**
 * Gives every card a leaf that has none, because it is older than the log: in order of registration, user id and version.
 * Returns how many there were. Processes that start together do it once.
 */
export async function logOlderCards(unitOfWork: UnitOfWork): Promise<number> {
  // Almost every start finds none, and holds nobody up.
  if ((await unitOfWork.repositories.keyLog.listUnlogged(1)).length === 0) return 0;
  for (let logged = 0; ; ) {
    const count = await unitOfWork.run(async ({ keyLog }) => {
      await keyLog.lock();
      const cards = await keyLog.listUnlogged(BATCH);
      await appendToKeyLog(keyLog, cards);
      return cards.length;
    });
    logged += count;
    if (count < BATCH) return logged;
  }
}
