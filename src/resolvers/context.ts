import type { CardService } from "../domain/cards/card-service.ts";
import type { ChainService } from "../domain/chain/chain-service.ts";
import type { ThoughtService } from "../domain/chain/thought-service.ts";
import type { FeedService } from "../domain/feed/feed-service.ts";
import type { FriendshipService } from "../domain/friends/friendship-service.ts";
import type { GrantService } from "../domain/friends/grant-service.ts";
import type { KeyLogService } from "../domain/key-log/key-log-service.ts";
import type { Clock, FeedSource, StreamControl } from "../domain/ports/index.ts";
import type { RelayInfo } from "../domain/relay-info.ts";
import type { LoginService } from "../domain/sessions/login-service.ts";
import type { SessionService } from "../domain/sessions/session-service.ts";
import type { DeletionService } from "../domain/users/deletion-service.ts";
import type { InvitationService } from "../domain/users/invitation-service.ts";
import type { PasswordService } from "../domain/users/password-service.ts";
import type { RegistrationService } from "../domain/users/registration-service.ts";
import type { UserService } from "../domain/users/user-service.ts";
import type { VaultService } from "../domain/vault/vault-service.ts";
import type { Viewer } from "../domain/viewer.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What resolvers call. */
export interface Services {
  relay: RelayInfo;
  clock: Clock;
  registration: RegistrationService;
  login: LoginService;
  sessions: SessionService;
  passwords: PasswordService;
  deletion: DeletionService;
  users: UserService;
  invitations: Pick<InvitationService, "isRequired">;
  vault: VaultService;
  chains: ChainService;
  cards: CardService;
  thoughts: ThoughtService;
  friendships: FriendshipService;
  grants: GrantService;
  keyLog: KeyLogService;
  feed: FeedService;
  feedSource: FeedSource;
}

/** What a resolver knows about who asks. Deliveries that subscribers share run without a viewer. */
export interface RelayContext {
  readonly viewer: Viewer | undefined;
  readonly services: Services;
  readonly loaders: Loaders;
  /** The client's network, for rate limits: an IPv4 address or an IPv6 prefix. */
  readonly address: string;
  /** The connection that carries this viewer's streams. */
  readonly stream: StreamControl;
}

/** The context of a delivery that many share. It has no viewer: a field that asks for one lacks its `@perViewer`. */
export function createSharedContext(services: Services): RelayContext {
  return {
    get viewer(): never {
      throw new Error("a delivery that many share asks for the viewer: mark the field @perViewer");
    },
    address: "",
    stream: { onOverflow: () => undefined },
    services,
    loaders: createLoaders(services),
  };
}
