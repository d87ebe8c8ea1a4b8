import { type Account, ClientError, type EntryContent, type InspectedEntry } from "../../client/index.ts";
import { encodeBase64url, equalBytes, parseBase64url, parseEntryHeader, ProtocolError, SIGNED_HEADER_BYTES } from "../../protocol/index.ts";
import type { ShownEntry } from "./find-entries.ts";
import type { Reading } from "./worker-calls.ts";

const TELL_THE_PLACE = "Ask for its place too, with “seq” and “author { username }”, and your keys open it here.";

/** Opens what an answer shows of an entry, by the keys of whoever is signed in. */
export async function readEntry(account: Account, shown: ShownEntry): Promise<Reading> {
  try {
    const { author, seq } = placeOf(shown);
    if (author === undefined || seq === undefined) return { kind: "unread", reason: TELL_THE_PLACE };
    const inspected = await account.thoughts.inspect(author, seq);
    return viewOf(inspected, shown);
  } catch (error) {
    if (error instanceof ProtocolError) return { kind: "unread", reason: `The answer holds what is no entry (${error.code}).` };
    if (error instanceof ClientError) return { kind: "unread", reason: error.message };
    throw error;
  }
}

/** Where it stands: by its signed bytes, or else by what the answer says. @throws ProtocolError */
function placeOf({ author, username, seq, bytes }: ShownEntry): { author: Uint8Array | string | undefined; seq: number | undefined } {
  if (bytes !== undefined) return parseEntryHeader(parseBase64url(bytes).subarray(0, SIGNED_HEADER_BYTES));
  return { author: author === undefined ? username : parseBase64url(author), seq };
}

function viewOf(inspected: InspectedEntry, shown: ShownEntry): Reading {
  const { username, verification, seq, epoch, type, writtenAtMs, receivedAtMs, content, checks } = inspected;
  return {
    kind: "read",
    ...{ username, verification, seq, epoch, type, writtenAtMs, receivedAtMs },
    id: encodeBase64url(inspected.id),
    author: encodeBase64url(inspected.author),
    text: content.kind === "text" ? content.text : null,
    note: noteOf(content),
    checks: [...checks, ...(isCompared(shown) ? [{ name: "answer" as const, holds: isShown(inspected, shown) }] : [])],
  };
}

function noteOf(content: EntryContent): string | undefined {
  if (content.kind === "withdrawn") return "Withdrawn by its author: the relay keeps the signed header and has deleted the sealed text.";
  if (content.kind === "unreadable") return "Sealed: you hold no key to this epoch.";
  if (content.kind !== "text") return undefined;
  if (content.edits !== undefined) return "An edit of an earlier thought. The relay cannot tell it from a new one.";
  return content.reply === undefined ? undefined : "A reply. The relay cannot tell it from a new thought.";
}

function isCompared({ id, bytes, sealedText }: ShownEntry): boolean {
  return id !== undefined || bytes !== undefined || sealedText !== undefined;
}

/** Whether the answer shows what its author signed, as far as it shows anything. */
function isShown(inspected: InspectedEntry, { id, bytes, sealedText }: ShownEntry): boolean {
  const payload = inspected.bytes.subarray(SIGNED_HEADER_BYTES);
  const isSame = (text: string, signed: Uint8Array): boolean => equalBytes(parseBase64url(text), signed);
  if (id !== undefined && !isSame(id, inspected.id)) return false;
  if (bytes !== undefined && !isSame(bytes, inspected.bytes)) return false;
  if (sealedText === null) return inspected.content.kind === "withdrawn";
  return sealedText === undefined || isSame(sealedText, payload);
}
