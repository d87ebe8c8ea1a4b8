import { type Account, ClientError, type Notice, RelayRefusal } from "../../../src/client/index.ts";
import { Disk, Power, type Wire } from "./power.ts";

/** Credentials of a user, as far as they know them after lost answers. */
export interface Person {
  readonly name: string;
  /** Those that may be in force. */
  passwords: string[];
  recoveryCode: string | undefined;
  /** How many changes of the password are under way, and how many there were. */
  changes: { underWay: number; count: number };
}

/** A place where a client of one user runs, dies and begins again. */
export class Device {
  readonly person: Person;
  readonly name: string;
  readonly #relay: string;
  readonly #wire: Wire;
  readonly #now: () => number;
  readonly #onAlarm: (text: string) => void;
  readonly #onNews: (text: string) => void;
  #disk = new Disk();
  #power: Power | undefined;
  #account: Account | undefined;
  /** How many changes of the password there were when this client signed in. */
  #changesBefore = 0;

  constructor(parts: { person: Person; name: string; relay: string; wire: Wire; now: () => number; onAlarm: (text: string) => void; onNews: (text: string) => void }) {
    this.person = parts.person;
    this.name = parts.name;
    this.#relay = parts.relay;
    this.#wire = parts.wire;
    this.#now = parts.now;
    this.#onAlarm = parts.onAlarm;
    this.#onNews = parts.onNews;
  }

  /** The client that runs here, if one does. */
  get account(): Account | undefined {
    return this.#power?.isOn === true ? this.#account : undefined;
  }

  /** What the running client has of the world. */
  get power(): Power | undefined {
    return this.#power;
  }

  get isStarting(): boolean {
    return this.#power?.isOn === true && this.#account === undefined;
  }

  /** Whether the password was changed elsewhere since the client signed in: that ends its session. */
  get mayBeSignedOut(): boolean {
    return this.person.changes.underWay > 0 || this.person.changes.count !== this.#changesBefore;
  }

  /** The running client is the one whose session outlived the newest change. */
  isSignedInAnew(): void {
    this.#changesBefore = this.person.changes.count;
  }

  /** Starts a client by whatever opens the account. Nothing is left of the one that ran here but its store. */
  async start(open: (options: ReturnType<Device["options"]>) => Promise<Account>, arm: (power: Power) => void = () => undefined): Promise<void> {
    this.crash();
    const power = new Power(this.#disk, this.#wire);
    this.#power = power;
    this.#onNews(`${this.name}: starts`);
    const { count, underWay } = this.person.changes;
    this.#changesBefore = underWay > 0 ? -1 : count;
    arm(power);
    try {
      const account = await open(this.options(power));
      if (this.#power !== power || !power.isOn) return void account.close();
      this.#account = account;
      void this.#watch(account, power);
    } catch (error) {
      const isOver = !power.isOn;
      power.die();
      if (!isOver) throw error;
    }
  }

  options(power: Power) {
    const onNotice = (notice: Notice): void => {
      if (!power.isOn) return;
      const cause = "cause" in notice ? String((notice.cause as Error | undefined)?.stack?.split("\n").slice(0, 4).join(" ")) : "";
      const text = `${this.name}: ${notice.kind} ${"username" in notice ? notice.username : ""}${"text" in notice ? notice.text : ""} ${cause}`;
      this.#onNews(text);
      if (notice.kind === "alarm" || (notice.kind === "problem" && !isHarmless(notice.cause))) this.#onAlarm(text);
      const isSignedOut = notice.kind === "disconnected" && notice.cause instanceof ClientError && notice.cause.code === "SIGNED_OUT";
      if (isSignedOut && !this.mayBeSignedOut) this.#onAlarm(text);
      if (isSignedOut && this.#power === power) this.crash();
    };
    const { fetch, webSocket, device } = power;
    return { relay: this.#relay, unsafeKeyStretching: true, deviceName: this.name, now: this.#now, fetch, webSocket, device, onNotice };
  }

  /** The power goes. */
  crash(): void {
    const account = this.#account;
    if (this.#power?.isOn) this.#onNews(`${this.name}: goes out`);
    this.#power?.die();
    this.#account = undefined;
    // Only what holds memory and timers is let go: nothing of it reaches anybody.
    void account?.close();
  }

  async close(): Promise<void> {
    const account = this.account;
    if (account === undefined) return;
    await account.close();
    this.crash();
  }

  /** A new device in the place of this one. */
  replace(): void {
    this.crash();
    this.#disk = new Disk();
  }

  async #watch(account: Account, power: Power): Promise<void> {
    try {
      for await (const item of account.feed()) {
        if (item.kind === "alarm" && power.isOn) this.#onAlarm(`${this.name}: alarm ${item.code} about ${item.username}`);
      }
    } catch (error) {
      if (power.isOn) this.#onNews(`${this.name}: its feed failed: ${String(error)}`);
    }
  }
}

// A step that another device or the other side had overtaken: nobody is accused of anything.
function isHarmless(cause: unknown): boolean {
  return cause instanceof RelayRefusal || (cause instanceof ClientError && cause.code === "REQUEST_UNKNOWN");
}
