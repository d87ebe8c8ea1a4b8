import { idKey, parseBase64url, parseGrant } from "../../../src/protocol/index.ts";
import type { Json, Wire } from "./power.ts";

/** All grants that ever left any device, stored or refused: what a relay keeps that forgets nothing. */
export interface Ghosts {
  readonly wire: Wire;
  /** By recipient. */
  readonly sent: Map<string, Uint8Array[]>;
}

/** Listens to what leaves, and tells authors now and then that everybody who ever was granted a key lacks one. */
export function collectGrants(): Ghosts {
  const sent = new Map<string, Uint8Array[]>();
  const keep = (text: unknown): void => {
    const bytes = parseBase64url(String(text));
    const recipient = idKey(parseGrant(bytes).recipient);
    sent.set(recipient, [...(sent.get(recipient) ?? []), bytes]);
  };
  return {
    sent,
    wire: {
      hears: /grant/i,
      onRequest({ input }) {
        const { grants, grant, selfGrant } = (input ?? {}) as Json;
        for (const one of [...((grants ?? []) as unknown[]), grant, selfGrant]) if (one !== undefined) keep(one);
      },
      onAnswer(data) {
        const { missingGrants } = data as { missingGrants?: { recipient: Json }[] };
        if (missingGrants === undefined) return;
        const named = new Set(missingGrants.map(({ recipient }) => recipient["id"]));
        for (const id of sent.keys()) if (!named.has(id)) missingGrants.push({ recipient: { id } });
      },
    },
  };
}
