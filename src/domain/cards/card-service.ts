import type { AppendTools } from "../chain/append-entries.ts";
import { entryEvents } from "../chain/append-entries.ts";
import { headOf, type ChainHead } from "../chain/chain-record.ts";
import type { DomainLimits } from "../limits.ts";
import type { Bus, EntryRecord, PasswordVerifier, UnitOfWork } from "../ports/index.ts";
import { publishEnded } from "../sessions/end-sessions.ts";
import { spendFalseProof } from "../sessions/spend-false-proof.ts";
import { demandCredentials } from "../users/credentials.ts";
import type { Viewer } from "../viewer.ts";
import { parseCardChange, replaceCard, type CardChangeInput } from "./replace-card.ts";

export interface CardReplaced {
  /** As they are stored, in order. */
  entries: EntryRecord[];
  head: ChainHead;
  sessionsEnded: number;
}

export interface CardService {
  /**
   * Puts a new card in force, with new credentials, a vault sealed anew and a new epoch, in one transaction
   * (PROTOCOL.md §6 "Hard reset"). The same entries again get the same answer.
   * @throws DomainError LOGIN_EXPIRED, CREDENTIALS_INVALID, WRAP_STALE, VAULT_STALE, and as storeVault, appendEntries and
   * checkRotationGrants
   */
  replace(viewer: Viewer, input: CardChangeInput): Promise<CardReplaced>;
}

export interface CardServiceDeps extends AppendTools {
  unitOfWork: UnitOfWork;
  passwords: PasswordVerifier;
  bus: Bus;
  limits: DomainLimits;
}

export function createCardService({ unitOfWork, bus, limits, ...tools }: CardServiceDeps): CardService {
  return {
    async replace(viewer, input) {
      demandCredentials(input.credentials);
      const entries = parseCardChange(viewer, input.entries);
      const replaced = unitOfWork.run((repositories) => replaceCard(repositories, { ...tools, limits }, viewer, { ...input, entries }));
      const { appended, ended } = await spendFalseProof(unitOfWork, input.loginId, replaced);
      entryEvents(appended).forEach((event) => bus.publish(event));
      if (ended) publishEnded(bus, ended);
      return { entries: appended.entries, head: headOf(appended.chain), sessionsEnded: ended?.sessionIds.length ?? 0 };
    },
  };
}
