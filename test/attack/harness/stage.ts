import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createReceipt, deriveReceiptKey } from "../../../src/crypto/relay/index.ts";
import type { SigningKeyPair } from "../../../src/crypto/sign.ts";
import { parseRelayKeys } from "../../../src/server/keys/relay-keys.ts";
import { scan, textCanary, type Canary, type Place } from "../../support/canaries.ts";
import { recordKeys, type KeyRecording } from "../../support/key-recorder.ts";
import { openKeptDatabase } from "../../support/kept-database.ts";
import { startTestRelay, type RunningRelay } from "../../support/relay.ts";
import { startHostileRelay, type HostileRelay } from "./hostile-relay.ts";

export interface StageOptions {
  /** How long a client is given to notice what it should. */
  patienceMs?: number;
  /** Whether all keys of the process are searched for, too. */
  recordsKeys?: boolean;
}

const UNRECORDED: KeyRecording = { keys: () => [], stop: () => undefined };

/** What all attacks of a file share: an honest relay, and two proxies in front of it, of which one never lies. */
export class Stage {
  readonly relay: RunningRelay;
  readonly honest: HostileRelay;
  readonly hostile: HostileRelay;
  /** What must never leave a client. */
  readonly secrets: Canary[] = [];
  /** User names, which a scan has to find wherever it looks. */
  readonly publicMarkers: Canary[] = [];
  /** By user name: a person of one attack may be met again in the next one. */
  readonly passwords = new Map<string, string>();
  readonly recoveryCodes = new Map<string, string>();
  /** Whoever runs the relay can sign any receipt. */
  readonly receiptKey: SigningKeyPair;
  readonly patienceMs: number;
  readonly #recording: KeyRecording;

  private constructor(parts: { relay: RunningRelay; honest: HostileRelay; hostile: HostileRelay; receiptKey: SigningKeyPair; recording: KeyRecording; patienceMs: number }) {
    this.relay = parts.relay;
    this.honest = parts.honest;
    this.hostile = parts.hostile;
    this.receiptKey = parts.receiptKey;
    this.#recording = parts.recording;
    this.patienceMs = parts.patienceMs;
  }

  static async open({ patienceMs = 5_000, recordsKeys = true }: StageOptions = {}): Promise<Stage> {
    const relay = await startTestRelay();
    const [honest, hostile] = [await startHostileRelay(relay), await startHostileRelay(relay)];
    const { receiptSeed } = parseRelayKeys(await readFile(join(relay.config.dataFolder, "relay.keys"), "utf8"));
    const recording = recordsKeys ? await recordKeys() : UNRECORDED;
    return new Stage({ relay, honest, hostile, receiptKey: deriveReceiptKey(receiptSeed), recording, patienceMs });
  }

  receiptFor(entry: { author: Uint8Array; seq: number; entryHash: Uint8Array }): Uint8Array {
    return createReceipt(this.receiptKey.secretKey, { ...entry, relayMs: Date.now() });
  }

  /** Everything secret that is found in these places, and whether the scan finds what is public. */
  search(places: Place[]): { found: string[]; blindIn: string[] } {
    const findings = scan([...this.secrets, ...this.#recording.keys()], places);
    const seen = new Set(scan(this.publicMarkers, places).map(({ place }) => place));
    return {
      found: findings.map(({ canary, place, form }) => `${canary} in ${place} (${form})`),
      blindIn: places.map(({ place }) => place).filter((place) => !seen.has(place)),
    };
  }

  /** Adds a user name, which everybody may know. */
  addPublic(text: string): void {
    this.publicMarkers.push(textCanary("a user name", text));
  }

  /** What the operator holds in the end: traffic, database and log. */
  async places(): Promise<Place[]> {
    const database = await openKeptDatabase(this.relay.database);
    const dump = JSON.stringify(await database.dump());
    await database.close();
    return [...this.honest.tape.places(), ...this.hostile.tape.places(), { place: "the database", bytes: Buffer.from(dump) }, { place: "the log", bytes: Buffer.from(this.relay.logs.join("")) }];
  }

  async close(): Promise<void> {
    this.#recording.stop();
    await Promise.all([this.honest.close(), this.hostile.close()]);
    await this.relay.stop();
  }
}
