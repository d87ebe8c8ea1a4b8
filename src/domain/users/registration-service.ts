import { encodeBase64url, equalBytes, parseBase64url, type UserId } from "../../protocol/index.ts";
import type { AppendTools } from "../chain/append-entries.ts";
import { appendGenesis, type Genesis, verifyGenesis } from "../chain/genesis.ts";
import { DomainError } from "../domain-error.ts";
import { appendToKeyLog } from "../key-log/append-to-key-log.ts";
import type { EntryRecord, KeyedHash, PasswordVerifier, UnitOfWork, UserRecord } from "../ports/index.ts";
import { openSession, type OpenSessionDeps } from "../sessions/open-session.ts";
import { issueTokens, type SessionTokens } from "../sessions/session-tokens.ts";
import { type VaultInput, verifyVault } from "../vault/verify-vault.ts";
import { demandInvitation } from "./invitation-service.ts";
import { demandCredentials, toFirstCredentials, type FirstCredentialsInput } from "./credentials.ts";

export interface RegistrationInput {
  username: string;
  credentials: FirstCredentialsInput;
  /** CARD and EPOCH 0. */
  entries: Uint8Array[];
  selfGrant: Uint8Array;
  vault: VaultInput;
  email: Uint8Array | undefined;
  /** Where the relay asks for one. */
  invitation: Uint8Array | undefined;
  deviceName: string;
}

export interface Registered {
  user: UserRecord;
  tokens: SessionTokens;
  /** The first two, with their receipts. */
  entries: EntryRecord[];
}

/** Both steps are public. PROTOCOL.md §6. */
export interface RegistrationService {
  /** The OPAQUE registration response. @throws DomainError USER_EXISTS, BYTES_MALFORMED */
  start(userId: UserId, registrationRequest: Uint8Array): Promise<Uint8Array>;
  /**
   * Stores all of a new user in one transaction.
   * @throws DomainError USERNAME_TAKEN, USER_EXISTS, EMAIL_TAKEN, BYTES_MALFORMED, SIGNATURE_INVALID, ENTRY_INVALID,
   * GRANT_INVALID, SIZE_EXCEEDED, VAULT_INVALID, INVITATION_NEEDED, INVITATION_INVALID
   */
  register(input: RegistrationInput): Promise<Registered>;
}

export interface RegistrationServiceDeps extends OpenSessionDeps, AppendTools {
  unitOfWork: UnitOfWork;
  passwords: PasswordVerifier;
  keyedHash: KeyedHash;
}

export function createRegistrationService(deps: RegistrationServiceDeps): RegistrationService {
  const { unitOfWork, passwords, keyedHash, tokens, clock } = deps;

  return {
    async start(userId, registrationRequest) {
      // Blinding passwords under a registered user's key is guessing, and only logins count guesses.
      if (await unitOfWork.repositories.users.findById(userId)) {
        throw new DomainError("USER_EXISTS", "A user with this identity is registered already: log in, or register with a new identity.");
      }
      return parseBase64url(passwords.createRegistrationResponse(userId, encodeBase64url(registrationRequest)));
    },

    async register({ username, credentials, entries, selfGrant, vault, email, invitation, deviceName }) {
      demandCredentials(credentials);
      const genesis = verifyGenesis(entries, selfGrant);
      const firstVault = verifyFirstVault(genesis, vault);
      const { user, session, records } = await unitOfWork.run(async (repositories) => {
        await demandInvitation(repositories.invitations, invitation, clock.nowMs());
        await repositories.users.insert({
          id: genesis.author,
          username,
          createdAtMs: clock.nowMs(),
          disabledAtMs: undefined,
          deletedAtMs: undefined,
          cardVersion: genesis.card.cardVersion,
          cardHash: genesis.cardHash,
          listedByEmail: email !== undefined,
          eventNumber: 0,
          ...toFirstCredentials(credentials),
          emailHash: email === undefined ? undefined : keyedHash.emailHash(email),
        });
        const records = await appendGenesis(repositories, deps, genesis);
        await repositories.vaults.insert(genesis.author, firstVault);
        const opened = await openSession(repositories, deps, genesis.author, deviceName);
        await appendToKeyLog(repositories.keyLog, [{ username, userId: genesis.author, cardHash: genesis.cardHash }]);
        return { ...opened, records };
      });
      return { user, tokens: await issueTokens(tokens, session, clock.nowMs()), entries: records };
    },
  };
}

function verifyFirstVault({ author, card, headSeq, headHash }: Genesis, input: VaultInput) {
  const { manifest, vault } = verifyVault({ userId: author, card }, input, undefined);
  const namesHead = manifest.headSeq === headSeq && equalBytes(manifest.headHash, headHash);
  if (!namesHead) throw new DomainError("VAULT_INVALID", "The first vault's manifest names the first epoch as the head of the chain: build it again.");
  return vault;
}
