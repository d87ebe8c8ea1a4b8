import type { AuthorKeys } from "./author-keys.ts";
import type { AuthorLog } from "./author-log.ts";
import type { Emitter, Notice } from "./events.ts";
import type { FriendChains } from "./friend-chains.ts";
import type { KeyLog } from "./key-log.ts";
import type { Observations } from "./observations.ts";
import type { OwnIdentity } from "./own-identity.ts";
import type { DeviceStore, Now, Transport } from "./ports.ts";
import type { ProofBook } from "./proof-book.ts";
import type { ReceiptBook } from "./receipt-book.ts";
import type { VaultStore } from "./vault-store.ts";

/** What the parts of one signed-in client share. */
export interface ClientContext {
  transport: Transport;
  now: Now;
  own: OwnIdentity;
  vault: VaultStore;
  keyLog: KeyLog;
  /** The own chain. */
  log: AuthorLog;
  /** The keys to the own thoughts. */
  keys: AuthorKeys;
  device: DeviceStore;
  notices: Emitter<Notice>;
  /** The opened chains of friends. */
  chains: FriendChains;
  receipts: ReceiptBook;
  proofs: ProofBook;
  observations: Observations;
}
