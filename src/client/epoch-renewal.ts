import { verifyReceipt } from "../crypto/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import { fetchChainPage } from "./chain-source.ts";
import type { ClientContext } from "./context.ts";
import { planRotation } from "./plan-rotation.ts";

const LONGEST_EPOCH_MS = 90 * 24 * 60 * 60 * 1000;

/** Begins a new epoch in front of the next thought when the present one is older than 90 days (PROTOCOL.md §3 EPOCH). */
export class EpochRenewal {
  readonly #context: ClientContext;
  /** When the relay received the EPOCH of the present number. */
  #begun: { n: number; atMs: number } | undefined;
  /** By this device's clock: one that is wrong must not begin an epoch for every thought. */
  #plannedMs = -Infinity;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** Writes a rotation into the vault if one is due and none is pending. */
  async planIfDue(): Promise<void> {
    const { log, vault, now } = this.#context;
    const n = log.state.epoch;
    if (this.#begun?.n !== n) this.#begun = { n, atMs: await this.#receivedAtMs(n) };
    const nowMs = now();
    if (nowMs - Math.max(this.#begun.atMs, this.#plannedMs) <= LONGEST_EPOCH_MS) return;
    await vault.update((content) => {
      if (content.pending.rotation !== undefined) return false;
      planRotation(content, n, []);
      return true;
    });
    this.#plannedMs = nowMs;
  }

  // The EPOCH may stand far before what this client has read of its own chain.
  async #receivedAtMs(n: number): Promise<number> {
    const { log, transport, own, vault } = this.#context;
    const epoch = log.outline.epochs[n];
    if (epoch === undefined) throw new ProtocolError("bad-epoch");
    const known = log.at(epoch.seq);
    if (known !== undefined) return known.receivedAtMs;
    const { entries } = await fetchChainPage(transport, own.userId, { before: epoch.seq + 1, order: "NEWEST_FIRST", first: 1 });
    const receipt = entries[0]?.receipt ?? new Uint8Array();
    return verifyReceipt(vault.content.settings.relayReceiptKey, receipt, { author: own.userId, seq: epoch.seq, entryHash: epoch.entryHash }).relayMs;
  }
}
