import type { Account, ReadThought } from "../../../src/client/index.ts";
import { type KeptDatabase, openKeptDatabase } from "../../support/kept-database.ts";
import { Device, type Person } from "./device.ts";
import { collectGrants, type Ghosts } from "./ghosts.ts";
import type { Home } from "./home.ts";
import type { Outcome } from "./outcome.ts";
import { PairModel } from "./pair-model.ts";
import { ThoughtsModel } from "./thoughts-model.ts";

/** Somebody who lives here, and what is expected of their thoughts. */
export interface Citizen extends Person {
  devices: Device[];
  isRegistered: "no" | "maybe" | "yes";
  thoughts: ThoughtsModel;
  /** Ids of own thoughts, by their first text. */
  ids: Map<string, ReadThought["id"]>;
  /** Texts used so far. */
  textCount: number;
}

/** How often what came out how. */
export class Tally {
  readonly counts = new Map<string, number>();

  add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

const DEVICES = ["laptop", "phone"];
const DAY_MS = 86_400_000;
/** How many days may pass before clocks are where they should be. */
const DAYS = 9;

/** People with two devices each on one relay, what they did, and what went wrong. */
export class World {
  readonly relay: Home;
  readonly database: KeptDatabase;
  readonly citizens: Citizen[];
  readonly tally: Tally;
  /** What must not be. */
  readonly violations: string[] = [];
  /** What everybody did, in order. */
  readonly journal: string[] = [];
  readonly grants: Ghosts;
  /** By how much all clocks are behind. */
  #behindMs = DAYS * DAY_MS;
  readonly #endsHeard = new Map<string, number[]>();
  readonly #quietAtMs: number[] = [];
  readonly #pairs = new Map<string, PairModel>();

  private constructor(relay: Home, database: KeptDatabase, parts: { group: number; people: number; tally: Tally }) {
    this.relay = relay;
    this.database = database;
    this.tally = parts.tally;
    this.grants = collectGrants();
    this.citizens = Array.from({ length: parts.people }, (_, index) => this.#createCitizen(`g${parts.group}_p${index}`));
  }

  static async create(relay: Home, parts: { group: number; people: number; tally: Tally }): Promise<World> {
    return new World(relay, await openKeptDatabase(relay.database), parts);
  }

  /** The time on everybody's devices. */
  readonly now = (): number => Date.now() - this.#behindMs;

  passDay(): void {
    this.#behindMs = Math.max(0, this.#behindMs - DAY_MS);
  }

  /** When somebody heard that somebody else had ended a friendship, at the latest when all was quiet. */
  heardOfEnd(author: Person, other: Person): number[] {
    return [...(this.#endsHeard.get(`${author.name} ${other.name}`) ?? []), ...this.#quietAtMs].sort((a, b) => a - b);
  }

  /** All is quiet. */
  isQuiet(): void {
    this.#quietAtMs.push(Date.now());
  }

  pair(a: Person, b: Person): PairModel {
    const key = [a.name, b.name].sort().join(" ");
    const pair = this.#pairs.get(key) ?? new PairModel();
    this.#pairs.set(key, pair);
    return pair;
  }

  /** Runs what a running client does, and judges how it ends: "refused" for one of the codes that may come. */
  async attempt(what: string, device: Device, work: (account: Account) => Promise<unknown>, codes: readonly string[] = []): Promise<Outcome> {
    const { account, power } = device;
    if (account === undefined || power === undefined) return "refused";
    this.journal.push(`${device.name}: ${what}`);
    const outcome = await work(account).then(
      (): Outcome => "done",
      (error: unknown) => {
        this.journal.push(`${device.name}: ${what} failed: ${tell(error)}`);
        if (!power.isOn || codeOf(error) === "RELAY_UNREACHABLE") return "unknown";
        if (["SIGNED_OUT", "CARD_STALE"].includes(codeOf(error)) && device.mayBeSignedOut) {
          if (device.account === account) device.crash();
          return "unknown";
        }
        if (codes.includes(codeOf(error))) return "refused";
        this.violations.push(`${device.name}: ${what} failed: ${tell(error)}`);
        return "unknown";
      },
    );
    this.journal.push(`${device.name}: ${what} ${outcome}`);
    this.tally.add(`${what} ${outcome}`);
    return outcome;
  }

  /** A lie that was told has to be noticed; what is curable may be made good instead: the reader sees in the end what is true. */
  judge(kind: string, { isTold, isLevel, isCurable, alarms }: { isTold: boolean; isLevel: boolean; isCurable: boolean; alarms: string[] }): void {
    const fate = !isTold ? "not told" : alarms.length > 0 ? "noticed" : isCurable && isLevel ? "made good" : "believed";
    this.tally.add(`lie: ${kind}: ${fate}`);
    if (fate === "believed") this.violations.push(`a reader believed the relay: ${kind}`);
    if (!isTold && (alarms.length > 0 || !isLevel)) this.violations.push(`without a lie (${kind}): ${alarms.join(", ") || "not level"}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.citizens.flatMap(({ devices }) => devices.map((device) => device.close())));
    await this.database.close();
  }

  readonly #note = (text: string): void => {
    this.journal.push(text);
    const [, author, other] = /^(\S+) \S+: ended (\S+)/.exec(text) ?? [];
    if (author === undefined || other === undefined) return;
    const key = `${author} ${other}`;
    this.#endsHeard.set(key, [...(this.#endsHeard.get(key) ?? []), Date.now()]);
  };

  #createCitizen(name: string): Citizen {
    const citizen: Citizen = {
      name, passwords: [`${name} 0`], recoveryCode: undefined, changes: { underWay: 0, count: 0 },
      devices: [], isRegistered: "no", thoughts: new ThoughtsModel(), ids: new Map(), textCount: 0,
    };
    const parts = { person: citizen, relay: this.relay.origin, wire: this.grants.wire, now: this.now, onAlarm: (text: string) => void this.violations.push(text), onNews: this.#note };
    citizen.devices = DEVICES.map((device) => new Device({ ...parts, name: `${name} ${device}` }));
    return citizen;
  }
}

export function codeOf(error: unknown): string {
  return (error as { code?: string } | undefined)?.code ?? "";
}

/** An error with its causes, and where it came from. */
export function tell(error: unknown): string {
  const { message, cause, stack = "" } = error as Error;
  const where = stack.split("\n").filter((line) => line.includes("/src/")).slice(0, 4).map((line) => line.trim().replace(/\(?file:.*\/src\//, "src/")).join(" < ");
  return `${codeOf(error)} ${message} [${where}]${cause === undefined ? "" : ` because ${tell(cause)}`}`;
}
