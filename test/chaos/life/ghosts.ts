import { idKey, parseBase64url, parseGrant } from "../../../src/protocol/index.ts";
import type { Json, Wire } from "./power.ts";

/** Grants by recipient. */
type Grants = Map<string, Uint8Array[]>;

/** All grants that ever left any device: what a relay keeps that forgets nothing. */
export interface Ghosts {
  readonly wire: Wire;
  /** Those that the relay stored and those that it refused. */
  readonly sent: Grants;
  /** Those of which a sender heard that the relay stored them. */
  readonly stored: Grants;
}

/** Listens to what leaves, and tells authors now and then that everybody who ever was granted a key lacks one. */
export function collectGrants(): Ghosts {
  const sent: Grants = new Map();
  const stored: Grants = new Map();
  return {
    sent,
    stored,
    wire: {
      hears: /grant/i,
      onRequest: (variables) => keep(sent, variables),
      onAnswer(data, variables) {
        if (Object.values(data).some((answer) => STORED.has((answer as Json | null)?.["__typename"]))) keep(stored, variables);
        const { missingGrants } = data as { missingGrants?: { recipient: Json }[] };
        if (missingGrants === undefined) return;
        const named = new Set(missingGrants.map(({ recipient }) => recipient["id"]));
        for (const id of sent.keys()) if (!named.has(id)) missingGrants.push({ recipient: { id } });
      },
    },
  };
}

const STORED: ReadonlySet<unknown> = new Set(["CardReplaced", "EntriesAppended", "FriendshipAccepted", "FriendshipConfirmed", "FriendshipEnded", "GrantsStored"]);

function keep(kept: Grants, { input }: Json): void {
  const { grants, grant, selfGrant } = (input ?? {}) as Json;
  for (const text of [...((grants ?? []) as unknown[]), grant, selfGrant]) {
    if (typeof text !== "string") continue;
    const bytes = parseBase64url(text);
    const recipient = idKey(parseGrant(bytes).recipient);
    kept.set(recipient, [...(kept.get(recipient) ?? []), bytes]);
  }
}
