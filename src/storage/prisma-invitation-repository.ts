import type { InvitationRepository } from "../domain/ports/index.ts";
import { toBytes } from "./columns.ts";
import type { Database } from "./prisma-client.ts";
import { createRelayMetaRepository } from "./prisma-relay-meta-repository.ts";

/** Of RelayMeta. A relay that was never told is open. */
const KEY = "registration";
const BY_INVITATION = "byInvitation";
const OPEN = "open";

/** Who may register. */
export function createInvitationRepository(database: Database): InvitationRepository {
  const meta = createRelayMetaRepository(database);
  return {
    isRequired: async () => (await meta.find(KEY)) === BY_INVITATION,
    setRequired: (isRequired) => meta.replace(KEY, isRequired ? BY_INVITATION : OPEN),

    async insert({ hash, ...invitation }) {
      await database.invitation.create({ data: { ...invitation, hash: toBytes(hash) }, select: { usesLeft: true } });
    },

    async list() {
      const rows = await database.invitation.findMany({ orderBy: [{ createdAtMs: "desc" }, { hash: "asc" }] });
      return rows.map(({ createdAtMs, expiresAtMs, ...row }) => ({ ...row, createdAtMs: Number(createdAtMs), expiresAtMs: Number(expiresAtMs) }));
    },

    async delete(hash) {
      await database.invitation.deleteMany({ where: { hash: toBytes(hash) } });
    },

    async take(hash, nowMs) {
      const { count } = await database.invitation.updateMany({
        where: { hash: toBytes(hash), usesLeft: { gt: 0 }, expiresAtMs: { gt: nowMs } },
        data: { usesLeft: { decrement: 1 } },
      });
      return count === 1;
    },
  };
}
