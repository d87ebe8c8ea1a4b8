import { verifyReceipt } from "../crypto/index.ts";
import { equalBytes, FORMAT_VERSION, parseBase64url, ProtocolError, type ReceiptFields } from "../protocol/index.ts";
import { ClientError } from "./errors.ts";
import { RelayDocument } from "./generated/graphql.ts";
import type { Transport } from "./ports.ts";

/** The relay's keys, to be pinned in the vault at registration. */
export interface RelayKeys {
  receiptKey: Uint8Array;
  loginKey: Uint8Array;
  demandLoginKey(shown: Uint8Array): void;
  demandReceipts(receipts: Uint8Array[], entries: Pick<ReceiptFields, "author" | "seq" | "entryHash">[]): void;
}

/** Asks the relay who it is. Throws ClientError RELAY_INCOMPATIBLE. */
export async function fetchRelayKeys(transport: Transport): Promise<RelayKeys> {
  const { relay } = await transport.execute(RelayDocument, {});
  if (relay.protocolVersion !== FORMAT_VERSION) {
    throw new ClientError("RELAY_INCOMPATIBLE", `This relay speaks version ${relay.protocolVersion} of the protocol, this client version ${FORMAT_VERSION}. Update the older one.`);
  }
  const receiptKey = parseBase64url(relay.receiptKey);
  const loginKey = parseBase64url(relay.opaqueKey);
  return {
    receiptKey,
    loginKey,
    demandLoginKey: (shown) => demandPinned(loginKey, shown),
    demandReceipts(receipts, entries) {
      try {
        entries.forEach((entry, index) => void verifyReceipt(receiptKey, receipts[index] ?? new Uint8Array(), entry));
      } catch (cause) {
        if (!(cause instanceof ProtocolError)) throw cause;
        throw new ClientError("RELAY_CHANGED", "The relay's receipts do not verify with the key that it shows.", { cause });
      }
    },
  };
}

/** A relay that shows another login key than the pinned one is another relay. Throws ClientError RELAY_CHANGED. */
export function demandPinned(pinned: Uint8Array, shown: Uint8Array): void {
  if (equalBytes(pinned, shown)) return;
  throw new ClientError("RELAY_CHANGED", "This is not the relay that you registered with: its keys differ. Check the address.");
}
