import { ready } from "../crypto/public.ts";
import { createCardService } from "../domain/cards/card-service.ts";
import { createChainService } from "../domain/chain/chain-service.ts";
import { createThoughtService } from "../domain/chain/thought-service.ts";
import { createFeedService } from "../domain/feed/feed-service.ts";
import { createFriendshipService } from "../domain/friends/friendship-service.ts";
import { createGrantService } from "../domain/friends/grant-service.ts";
import { createKeyLogService } from "../domain/key-log/key-log-service.ts";
import type { DomainLimits } from "../domain/limits.ts";
import type { Bus, Clock, FeedSource, Random, UnitOfWork } from "../domain/ports/index.ts";
import { createLoginService } from "../domain/sessions/login-service.ts";
import { createSessionService } from "../domain/sessions/session-service.ts";
import { createDeletionService } from "../domain/users/deletion-service.ts";
import { createInvitationService } from "../domain/users/invitation-service.ts";
import { createPasswordService } from "../domain/users/password-service.ts";
import { createRegistrationService } from "../domain/users/registration-service.ts";
import { createUserService } from "../domain/users/user-service.ts";
import { createVaultService } from "../domain/vault/vault-service.ts";
import { FORMAT_VERSION, MAX_FRIENDS, MAX_VAULT_ITEM_BYTES } from "../protocol/index.ts";
import type { Services } from "../resolvers/context.ts";
import type { Config } from "./config/config.ts";
import { createKeyedHash } from "./keys/keyed-hash.ts";
import { createPasswordVerifier } from "./keys/password-verifier.ts";
import { createCheckpointSigner, createReceiptSigner } from "./keys/receipt-signer.ts";
import type { RelayKeys } from "./keys/relay-keys.ts";
import { createTokenIssuer } from "./keys/token-issuer.ts";

/** Tokens are for the relay that issued them: it alone holds the key. */
const TOKEN_PARTY = "peerbrain-relay";

const domainLimits: DomainLimits = { maxFriends: MAX_FRIENDS, maxPageBytes: 1_048_576, maxEntriesPerMutation: 8 };

export interface ServiceParts {
  keys: RelayKeys;
  unitOfWork: UnitOfWork;
  bus: Bus;
  feedSource: FeedSource;
  clock: Clock;
  random: Random;
  limits: Config["limits"];
  restorations: number;
  softwareVersion: string;
}

/** The relay's rules over its adapters. */
export async function composeServices({ keys, unitOfWork, bus, feedSource, clock, random, limits, restorations, softwareVersion }: ServiceParts): Promise<Services> {
  await ready();
  const receiptSigner = createReceiptSigner(keys.receiptSeed);
  const passwords = createPasswordVerifier(keys.opaqueSetup);
  const keyedHash = createKeyedHash(keys.hashSecret);
  const tokens = createTokenIssuer({
    keys: keys.tokenKeys,
    refreshSecret: keys.refreshSecret,
    issuer: TOKEN_PARTY,
    audience: TOKEN_PARTY,
    accessTokenSeconds: limits.accessTokenSeconds,
  });
  const parts = { unitOfWork, bus, clock, random, tokens, passwords, keyedHash, receiptSigner, restorations, limits: domainLimits };

  return {
    relay: {
      protocolVersion: FORMAT_VERSION,
      softwareVersion,
      receiptKey: receiptSigner.publicKey,
      opaqueKey: passwords.publicKey,
      limits: {
        maxRequestBytes: limits.maxSignedInRequestBytes,
        maxFrameBytes: limits.maxFrameBytes,
        maxFriends: MAX_FRIENDS,
        maxVaultItemBytes: MAX_VAULT_ITEM_BYTES,
        accessTokenSeconds: limits.accessTokenSeconds,
      },
    },
    clock,
    registration: createRegistrationService(parts),
    login: createLoginService(parts),
    sessions: createSessionService({ ...parts, refreshGraceSeconds: limits.refreshGraceSeconds }),
    passwords: createPasswordService(parts),
    deletion: createDeletionService(parts),
    users: createUserService(parts),
    invitations: createInvitationService(parts),
    vault: createVaultService(parts),
    chains: createChainService(parts),
    cards: createCardService(parts),
    thoughts: createThoughtService(parts),
    friendships: createFriendshipService(parts),
    grants: createGrantService(parts),
    keyLog: createKeyLogService({ ...parts, checkpointSigner: createCheckpointSigner(keys.receiptSeed) }),
    feed: createFeedService(parts),
    feedSource,
  };
}
