import { createThoughtEntry, deriveThoughtKey, generateBytes } from "../../src/crypto/index.ts";
import { toEntryRecord } from "../../src/domain/chain/chain-record.ts";
import type { ChainRecord, EntryRecord } from "../../src/domain/ports/index.ts";
import { encodeBase64url, ENTRY_ID_BYTES, parseEntry } from "../../src/protocol/index.ts";
import { inParallel } from "./in-parallel.ts";
import type { Member } from "./people.ts";
import { clock, type Store } from "./store.ts";

/** Stores real thoughts, signed and sealed and with receipts, in each chain. Returns where each author's chain stood before. */
export async function seedEntries(store: Store, authors: Member[], count: number): Promise<{ author: string; seq: number }[]> {
  await inParallel(authors.length, (index) => seedChain(store, authors[index] as Member, count));
  return authors.map(({ userId, head }) => ({ author: encodeBase64url(userId), seq: head.seq }));
}

async function seedChain({ unitOfWork, receiptSigner }: Store, author: Member, count: number): Promise<void> {
  const { identity, cardHash, userId } = author;
  const thoughtKey = deriveThoughtKey(author.epochKey, userId, 0);
  await unitOfWork.run(async ({ chains }) => {
    const [chain] = await chains.lock(userId);
    let { seq, headHash }: Pick<ChainRecord, "seq" | "headHash"> = chain;
    for (let index = 0; index < count; index++) {
      const nowMs = clock.nowMs();
      seq += 1;
      const place = { author: userId, seq, prev: headHash, epoch: 0, timeMs: nowMs, entryId: generateBytes(ENTRY_ID_BYTES) };
      const { bytes, entryHash } = createThoughtEntry({ ...place, identity, cardHash, thoughtKey, body: { v: 1, t: `Number ${index}, while you were away.` } });
      const receipt = receiptSigner.sign({ entryHash, author: userId, seq, relayMs: nowMs });
      const record: EntryRecord = toEntryRecord({ entry: parseEntry(bytes), entryHash }, nowMs, receipt);
      await chains.insertEntry(record);
      headHash = entryHash;
    }
    const nowMs = clock.nowMs();
    await chains.update({ ...chain, seq, headHash, headReceivedAtMs: nowMs, newestThoughtMs: nowMs });
  });
}
