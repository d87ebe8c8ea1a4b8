import { hash } from "../../crypto/public.ts";
import { encodeBase64url } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { Clock, InvitationRecord, InvitationRepository, Random, UnitOfWork } from "../ports/index.ts";

/** Not to be guessed, whatever the rate limits. */
const CODE_BYTES = 16;
const ID_CHARACTERS = 8;

/** An invitation as whoever runs the relay sees it. */
export interface Invitation extends Omit<InvitationRecord, "hash"> {
  /** Names it without giving it away: the beginning of its hash. */
  id: string;
}

/** Who may register: everybody, or who was given an invitation. All but `isRequired` is for whoever runs the relay. */
export interface InvitationService {
  /** Public. */
  isRequired(): Promise<boolean>;
  require(isRequired: boolean): Promise<void>;
  /** The code exists in the answer alone. */
  create(options: { uses: number; lifeMs: number }): Promise<Invitation & { code: string }>;
  /** Newest first. */
  list(): Promise<Invitation[]>;
  /** False when there is none of this id. */
  revoke(id: string): Promise<boolean>;
}

export function createInvitationService({ unitOfWork, clock, random }: { unitOfWork: UnitOfWork; clock: Clock; random: Random }): InvitationService {
  const { invitations } = unitOfWork.repositories;
  return {
    isRequired: () => invitations.isRequired(),
    require: (isRequired) => invitations.setRequired(isRequired),

    async create({ uses, lifeMs }) {
      const code = random.bytes(CODE_BYTES);
      const createdAtMs = clock.nowMs();
      const invitation = { hash: hash("invitation", code), createdAtMs, expiresAtMs: createdAtMs + lifeMs, usesLeft: uses };
      await invitations.insert(invitation);
      return { ...describe(invitation), code: encodeBase64url(code) };
    },

    list: async () => (await invitations.list()).map(describe),

    async revoke(id) {
      const found = (await invitations.list()).filter((invitation) => describe(invitation).id === id);
      for (const invitation of found) await invitations.delete(invitation.hash);
      return found.length > 0;
    },
  };
}

/**
 * Lets somebody new in. On a relay that is open to all no invitation is asked for and none is used up.
 * @throws DomainError INVITATION_NEEDED, INVITATION_INVALID
 */
export async function demandInvitation(invitations: InvitationRepository, code: Uint8Array | undefined, nowMs: number): Promise<void> {
  if (!(await invitations.isRequired())) return;
  if (code === undefined) throw new DomainError("INVITATION_NEEDED", "This relay is for people who were invited: ask whoever runs it for an invitation.");
  if (code.length === CODE_BYTES && (await invitations.take(hash("invitation", code), nowMs))) return;
  throw new DomainError("INVITATION_INVALID", "The invitation is mistyped, used up, expired or taken back: ask for another one.");
}

function describe({ hash: invitationHash, ...invitation }: InvitationRecord): Invitation {
  return { id: encodeBase64url(invitationHash).slice(0, ID_CHARACTERS), ...invitation };
}
