import { opaqueReady, ready, type PasswordOptions } from "../crypto/index.ts";
import type { Archive } from "./archive/archive.ts";
import { AuthorKeys } from "./author-keys.ts";
import type { ClientContext } from "./context.ts";
import { Emitter, type Notice } from "./events.ts";
import { FriendChains } from "./friend-chains.ts";
import { ViewerStateDocument } from "./generated/graphql.ts";
import { noSessionStore, type SessionStore } from "./kept-session.ts";
import { KeyLog } from "./key-log.ts";
import { Observations } from "./observations.ts";
import { demandOwn, ownIdentityOf } from "./own-identity.ts";
import type { DeviceStore, InFlight, Now, Transport } from "./ports.ts";
import { ProofBook } from "./proof-book.ts";
import { ReceiptBook } from "./receipt-book.ts";
import { createRelayTransport } from "./relay-transport.ts";
import { Session } from "./session.ts";
import type { SignedIn } from "./sign-in.ts";
import { VaultStore } from "./vault-store.ts";
import { verifyUser } from "./verified-user.ts";

/** Where the relay is, and what this device brings along. */
export interface ConnectOptions {
  /** "https://relay.example", "http://127.0.0.1:4600"; without a scheme it is https. */
  relay: string;
  /** A name for the list of sessions. */
  deviceName?: string;
  /** What survives a crash in mid-send; in memory by default. */
  device?: DeviceStore;
  /** Where the session is kept for `Account.resume`; nowhere by default. */
  sessionStore?: SessionStore;
  /** How long a request is repeated that gets no answer; 30 000 by default: a relay that restarts is back by then. */
  patienceMs?: number;
  fetch?: typeof fetch;
  webSocket?: typeof WebSocket;
  now?: Now;
  /** Hears every notice from the beginning, also those of signing in. */
  onNotice?: (notice: Notice) => void;
  /**
   * User names of friends whose word is passed over when they have read more of the own chain than the relay shows
   * (OWN_CHAIN_WITHHELD): because they are wrong, or because the relay lost it for good. What is written then may stand
   * where friends hold other entries, and they see a fork.
   */
  overruled?: readonly string[];
  /**
   * An archive of this user: before anything else is written, a relay that was restored from an older backup is given back
   * what it lost of the own chain (`Account.givenBack`; docs/ARCHIVE.md). Signing in then throws ClientError ARCHIVE_OF_OTHERS
   * and ARCHIVE_CONFLICT too, and ProtocolError for an archive that does not hold.
   */
  archive?: Archive;
  /** For tests: a password guess then takes no time. Never use it where a password matters. */
  unsafeKeyStretching?: boolean;
}

/** What a client needs before it has signed in. */
export interface Connection {
  transport: Transport;
  session: Session;
  sessionStore: SessionStore;
  now: Now;
  device: DeviceStore;
  notices: Emitter<Notice>;
  overruled: readonly string[];
  archive: Archive | undefined;
  passwordOptions: PasswordOptions;
}

/** Gets ready to talk to a relay; nothing is sent yet. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  await Promise.all([ready(), opaqueReady()]);
  const now = options.now ?? Date.now;
  const { relay, patienceMs, fetch, webSocket, overruled = [], archive, sessionStore = noSessionStore } = options;
  const session = new Session(now, sessionStore);
  const transport = await createRelayTransport({ relay, session, ...(patienceMs !== undefined && { patienceMs }), ...(fetch && { fetch }), ...(webSocket && { webSocket }) });
  const notices = new Emitter<Notice>();
  if (options.onNotice) notices.on(options.onNotice);
  const passwordOptions = { unsafeKeyStretching: options.unsafeKeyStretching ?? false };
  return { transport, session, sessionStore, now, device: options.device ?? memoryDevice(), notices, overruled, archive, passwordOptions };
}

/** What opening the vault gives. */
export interface Opened {
  context: ClientContext;
  eventNumber: number;
}

/** Opens the session, and the vault against the own chain and the published card. */
export async function openContext(connection: Connection, { tokens, masterKey, ...expected }: Pick<SignedIn, "tokens" | "masterKey" | "userId"> & { username: string }): Promise<Opened> {
  const { transport, session, now, device, notices } = connection;
  session.open(tokens);
  const { viewer } = await transport.execute(ViewerStateDocument, {});
  const published = verifyUser(viewer.user);
  demandOwn(published, expected);
  const proofs = new ProofBook(notices);
  const receipts = new ReceiptBook((...conflict) => proofs.addConflict(...conflict));
  const { vault, log, opened } = await VaultStore.open(transport, masterKey, published, receipts, (held) => session.demandSameKeys(held));
  const own = ownIdentityOf(published.userId, published.username, opened);
  const keys = new AuthorKeys(own.userId, () => log.outline);
  const { newestEpoch } = opened.settings;
  keys.addEpochKey(newestEpoch.n, newestEpoch.key);
  const { relayReceiptKey, log: pinned } = opened.settings;
  const keyLog = new KeyLog({ transport, relayKey: relayReceiptKey, pinned, notices });
  await keyLog.watchOwn(own, own.all.map(({ cardHash }) => cardHash));
  const chains: FriendChains = new FriendChains(() => context);
  const observations: Observations = new Observations(() => context);
  const context = { transport, now, own, vault, log, keyLog, keys, device, notices, chains, receipts, proofs, observations };
  return { context, eventNumber: viewer.eventNumber };
}

function memoryDevice(): DeviceStore {
  let held: InFlight | undefined;
  return {
    read: async () => held,
    write: async (inFlight) => {
      held = inFlight;
    },
  };
}
