import type { PasswordOptions } from "../crypto/index.ts";
import type { UserId, VaultFriend } from "../protocol/index.ts";
import type { Archive } from "./archive/archive.ts";
import { giveBack, type GivenBack } from "./archive/give-back.ts";
import { writeArchive } from "./archive/write-archive.ts";
import { Beacons } from "./beacons.ts";
import { beginDueEpoch } from "./begin-due-epoch.ts";
import { Befriending } from "./befriending.ts";
import { CardChange } from "./card-change.ts";
import { ChainWriter } from "./chain-writer.ts";
import { changePassword } from "./change-password.ts";
import type { ClientContext } from "./context.ts";
import { deleteAccount } from "./delete-account.ts";
import { Ending } from "./ending.ts";
import { EpochRenewal } from "./epoch-renewal.ts";
import { expectResult } from "./errors.ts";
import type { Emitter, FeedItem, Notice, ReadThought } from "./events.ts";
import { Feed } from "./feed.ts";
import { Friends } from "./friends.ts";
import { SetEmailDocument, UsersDocument } from "./generated/graphql.ts";
import { healMissingGrants, newestEpochKey } from "./granting.ts";
import { keepSession, readKept, type SessionStore } from "./kept-session.ts";
import { Live } from "./live.ts";
import { ObservedHeads } from "./observed-heads.ts";
import { connect, openContext, type Connection, type ConnectOptions, type Opened } from "./open-context.ts";
import { catchUpOwn } from "./own-chain.ts";
import { OwnForks } from "./own-forks.ts";
import { hashEmail } from "./people.ts";
import { Proofs } from "./proofs.ts";
import { Reconciler } from "./reconciler.ts";
import { register, type NewUser } from "./registration.ts";
import { demandPinned } from "./relay-keys.ts";
import { Rotation } from "./rotation.ts";
import { saveLast, saveProgress } from "./save-progress.ts";
import { Search } from "./search.ts";
import type { Session } from "./session.ts";
import { Sessions } from "./sessions.ts";
import { finishRecovery, login, startRecovery } from "./sign-in.ts";
import { Thoughts } from "./thoughts.ts";
import { Verifier } from "./verifier.ts";

const SAVE_PROGRESS_MS = 60_000;

/** A signed-in person: their friends, thoughts, feed and keys. Keys are in memory and in the vault, and sealed in a session store where there is one. */
export class Account {
  readonly friends: Friends;
  readonly thoughts: Thoughts;
  readonly sessions: Sessions;
  readonly proofs: Proofs;
  readonly #context: ClientContext;
  readonly #session: Session;
  readonly #sessionStore: SessionStore;
  readonly #writer: ChainWriter;
  readonly #rotation: Rotation;
  readonly #verifier: Verifier;
  readonly #feed: Feed;
  readonly #search: Search;
  readonly #live: Live;
  readonly #observed: ObservedHeads;
  readonly #beacons: Beacons;
  readonly #reconciler: Reconciler;
  readonly #notices: Emitter<Notice>;
  readonly #cardChange: CardChange;
  readonly #passwordOptions: PasswordOptions;
  readonly #saving: ReturnType<typeof setInterval>;
  #givenBack: GivenBack | undefined;

  private constructor(parts: Connection & Opened) {
    const { context, session } = parts;
    const { notices } = context;
    this.#context = context;
    this.#session = session;
    this.#sessionStore = parts.sessionStore;
    this.#passwordOptions = parts.passwordOptions;
    this.#notices = notices;
    this.#rotation = new Rotation(context, () => this.#writer);
    const renewal = new EpochRenewal(context);
    this.#writer = new ChainWriter(context, {
      demandOwnHead: () => this.#observed.demandOwnHead(),
      beforeWriting: async () => {
        await renewal.planIfDue();
        await this.#rotation.finish();
      },
      afterEpochStale: () => beginDueEpoch(context, this.#reconciler),
    });
    this.#cardChange = new CardChange({ context, writer: this.#writer, rotation: this.#rotation, passwordOptions: parts.passwordOptions });
    const { chains } = context;
    const ending = new Ending({ context, writer: this.#writer, rotation: this.#rotation });
    const befriending = new Befriending({ context, writer: this.#writer, rotation: this.#rotation, ending });
    this.#verifier = new Verifier({ context, writer: this.#writer, rotation: this.#rotation });
    this.friends = new Friends({ context, befriending, ending, verifier: this.#verifier });
    this.thoughts = new Thoughts({ context, writer: this.#writer, chains });
    this.sessions = new Sessions(context.transport);
    this.proofs = new Proofs(context);
    this.#feed = new Feed(chains, (chain) => this.thoughts.verificationOf(chain));
    this.#search = new Search(this.thoughts);
    this.#reconciler = new Reconciler({ context, befriending, ending });
    const finishRotation = (): Promise<void> => this.#writer.exclusively(() => this.#rotation.finish());
    const ownForks = new OwnForks(context, this.#writer);
    const reconcile = (friend: VaultFriend): Promise<void> => this.#reconciler.lookUp(friend);
    this.#observed = new ObservedHeads({ context, ownForks, reconcile, overruled: parts.overruled });
    this.#beacons = new Beacons(context, this.#writer);
    notices.on(({ kind }) => kind === "alarm" && this.#feed.notify());
    this.#live = new Live({ context, chains, feed: this.#feed, reconciler: this.#reconciler, notices, ownForks, finishRotation, eventNumber: parts.eventNumber });
    this.#saving = setInterval(() => void saveProgress(this.#context).catch(() => undefined), SAVE_PROGRESS_MS);
  }

  /**
   * Registers a new user. Write the recovery code down: without password and code nobody can bring the account back.
   * Throws RelayRefusal USERNAME_TAKEN, INVITATION_NEEDED and others, ClientError RELAY_UNREACHABLE.
   */
  static async register(options: ConnectOptions & Omit<NewUser, "deviceName">): Promise<{ account: Account; recoveryCode: string }> {
    const connection = await connect(options);
    const { username, password, email, invitation } = options;
    const user = { username, password, email, invitation, deviceName: deviceNameOf(options) };
    const { recoveryCode, ...registered } = await register(connection.transport, connection.now, user, connection.passwordOptions);
    const opened = await openContext(connection, { ...registered, username });
    return { account: await Account.#start(connection, opened), recoveryCode };
  }

  /** Signs in on this device and brings everything back. Throws ClientError PASSWORD_WRONG and the hard stops of the vault. */
  static async login(options: ConnectOptions & { username: string; password: string }): Promise<Account> {
    const connection = await connect(options);
    const { username, password } = options;
    const signedIn = await login(connection.transport, { username, password, deviceName: deviceNameOf(options) }, connection.passwordOptions);
    const opened = await openContext(connection, { ...signedIn, username });
    demandPinned(opened.context.vault.content.settings.relayLoginKey, signedIn.relayLoginKey);
    return Account.#start(connection, opened);
  }

  /** Signs in with the recovery code; gives a new password and a new code. Throws ClientError RECOVERY_CODE_WRONG. */
  static async recover(options: ConnectOptions & { username: string; recoveryCode: string; newPassword: string }): Promise<{ account: Account; recoveryCode: string }> {
    const connection = await connect(options);
    const { transport, passwordOptions } = connection;
    const { username, newPassword } = options;
    const started = await startRecovery(transport, { username, recoveryCode: options.recoveryCode, deviceName: deviceNameOf(options) });
    const opened = await openContext(connection, { ...started, username });
    // The vault has opened and shown the relay's keys: only now is anything replaced.
    const { relayLoginKey } = opened.context.vault.content.settings;
    const recoveryCode = await finishRecovery(transport, { ...started, newPassword, relayLoginKey }, passwordOptions);
    return { account: await Account.#start(connection, opened), recoveryCode };
  }

  /** Goes on with the session that `sessionStore` keeps, without the password. Throws ClientError SIGNED_OUT and the hard stops of the vault. */
  static async resume(options: ConnectOptions & { sessionStore: SessionStore }): Promise<Account> {
    const connection = await connect(options);
    const opened = await openContext(connection, await readKept(options.sessionStore));
    return Account.#start(connection, opened);
  }

  static async #start(connection: Connection, opened: Opened): Promise<Account> {
    const account = new Account({ ...connection, ...opened });
    try {
      await account.#begin(connection.archive);
      await account.#keepSession();
      return account;
    } catch (error) {
      await account.#stop();
      connection.transport.close();
      throw error;
    }
  }

  get username(): string {
    return this.#context.own.username;
  }

  get userId(): UserId {
    return this.#context.own.userId;
  }

  /** What the relay was given back of the archive that signing in came with; undefined without one. */
  get givenBack(): GivenBack | undefined {
    return this.#givenBack;
  }

  /** Friends' thoughts: what was missed since the last time, then live. Ends when the account is closed. */
  feed(): AsyncGenerator<FeedItem> {
    return this.#feed.read();
  }

  /** Thoughts of friends and oneself that hold every word of the query, whole or as a beginning. The words never leave the device. */
  search(query: string): Promise<ReadThought[]> {
    return this.#search.find(query);
  }

  /** Calls the listener for what happens besides thoughts; returns the function that stops it. */
  onNotice(listener: (notice: Notice) => void): () => void {
    return this.#notices.on(listener);
  }

  /** User names on the relay that begin with these characters. */
  async findUsers(prefix: string): Promise<string[]> {
    const { users } = await this.#context.transport.execute(UsersDocument, { search: prefix, first: 50, after: null });
    return users.nodes.map(({ username }) => username);
  }

  /** Chooses to be found by an e-mail address, or with null no longer. Nobody proves that the address is yours. */
  async setEmail(email: string | null): Promise<void> {
    const { setEmail } = await this.#context.transport.execute(SetEmailDocument, { input: { email: email === null ? null : hashEmail(email) } });
    expectResult(setEmail, "EmailSet");
  }

  /** Replaces the password; other sessions end. For a password that leaked there is `reset`. */
  async changePassword(oldPassword: string, newPassword: string): Promise<void> {
    await changePassword(this.#context, { oldPassword, newPassword }, this.#passwordOptions);
  }

  /**
   * For a password that leaked or a device that was stolen: replaces the identity card with its keys, the vault's master key,
   * the password and the recovery code, begins a new epoch, and ends all other sessions. Without a new password the present
   * one stays. Answers the new recovery code: write it down. Friends are told that the card changed.
   * Throws ClientError PASSWORD_WRONG, CONFLICT, RELAY_UNREACHABLE; call it again after the last.
   */
  async reset(password: string, newPassword = password): Promise<string> {
    const recoveryCode = await this.#cardChange.run(password, newPassword);
    await this.#keepSession();
    return recoveryCode;
  }

  /**
   * The bytes of an archive with everything that this account reads, sealed with a password of its own and verifiable without
   * a relay; no key that signs is in it. `onOmitted` hears the names of friends whose chains are not believed and stay out.
   */
  export(password: string, onOmitted: (username: string) => void = () => undefined): AsyncGenerator<Uint8Array> {
    return writeArchive(this.#context, password, this.#passwordOptions, onOmitted);
  }

  /** A valid access token, for other GraphQL clients of the same session. */
  accessToken(): Promise<string> {
    return this.#session.accessToken(this.#context.transport);
  }

  /** Ends the session on the relay and closes. */
  async logout(): Promise<void> {
    await saveProgress(this.#context);
    const sessionId = this.#session.id;
    await this.#stop();
    if (sessionId !== undefined) await this.sessions.end(sessionId);
    await this.#forgetSession();
  }

  /**
   * Deletes the account for good, and closes. Friends are told that the friendship ended, and read nothing of yours any more;
   * nobody else ever gets the name. Throws ClientError PASSWORD_WRONG, CONFLICT, RELAY_UNREACHABLE; call it again after the last.
   */
  async delete(password: string): Promise<void> {
    await this.#writer.exclusively(() => deleteAccount(this.#context, password, this.#passwordOptions));
    await this.#stop();
    await this.#forgetSession();
  }

  /** Closes this client; the session stays open on the relay until it runs out or is ended. */
  async close(): Promise<void> {
    await saveLast(this.#context);
    await this.#stop();
    this.#context.transport.close();
  }

  async #begin(archive: Archive | undefined): Promise<void> {
    await catchUpOwn(this.#context.log);
    const { n, key } = await newestEpochKey(this.#context);
    this.#context.keys.addEpochKey(n, key);
    // Before friends are asked what they have read: they may have read what comes back.
    if (archive) this.#givenBack = await giveBack(this.#context, archive);
    // Friends' newest entries are fetched before the first own one is written: they tell what the relay hides of the own chain.
    await this.#reconciler.openFriends();
    this.#context.observations.listen((claim) => this.#observed.consider(claim));
    await this.#observed.demandOwnHead();
    await this.#reconciler.reconcileAll();
    await this.#writer.exclusively(async () => {
      await this.#writer.settle();
      await this.#rotation.finish();
    });
    await healMissingGrants(this.#context);
    await this.#verifier.shareDueHistory();
    this.#beacons.start();
    this.#live.start();
  }

  async #forgetSession(): Promise<void> {
    this.#session.end();
    await this.#sessionStore.update(async () => undefined);
    this.#context.transport.close();
  }

  #keepSession(): Promise<void> {
    const { own, vault } = this.#context;
    return keepSession(this.#sessionStore, { ...own, masterKey: vault.masterKey, tokens: this.#session.tokens() });
  }

  async #stop(): Promise<void> {
    clearInterval(this.#saving);
    this.#beacons.stop();
    this.#observed.stop();
    this.#feed.close();
    await this.#live.stop();
  }
}

function deviceNameOf({ deviceName }: ConnectOptions): string {
  return deviceName ?? "a device";
}
