import { generateBytes, generateRecoveryCode, recoveryAuth, recoveryVerifierOf, wrapWithPassword, wrapWithRecoveryCode } from "../../src/crypto/index.ts";
import type { CardChangeInput } from "../../src/domain/cards/replace-card.ts";
import { KEY_BYTES, type Manifest, type ManifestFields, parseManifest } from "../../src/protocol/index.ts";
import type { Author } from "./author.ts";
import { createPasswordRecord, createVault, type Person, proveLogin } from "./person.ts";
import type { TestRelay } from "./test-relay.ts";

/** What replaces somebody's card, and what is theirs once it is stored. */
interface CardChange<Input> {
  input: Input;
  /** With the new keys, master key, password and recovery code. */
  renewed: Person;
  adopt(): void;
}

export interface CardChangeOptions {
  recipients?: Author[];
  password?: string;
  wrapVersion?: number;
  /** Items of the vault that are sealed anew; lawfully all. */
  items?: number[];
  manifest?: Partial<ManifestFields>;
}

interface Relayed {
  previous: Manifest;
  answer: (registrationRequest: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** Signs and seals all of a card change by hand, but for the proof of the present password. */
export async function signCardChange(author: Author, { previous, answer }: Relayed, options: CardChangeOptions = {}): Promise<CardChange<Omit<CardChangeInput, "loginId" | "loginFinish">>> {
  const { recipients = [], password = author.person.password, wrapVersion = 2, items = previous.items.map(({ item }) => item), manifest } = options;
  const { card, rotation, renewed: changed, adopt } = author.cardChange(recipients);
  const { rc } = generateRecoveryCode();
  const renewed = { ...changed, password, masterKey: generateBytes(KEY_BYTES), recovery: { rc, proof: recoveryAuth(rc) }, head: author.head };
  const { record, exportKey } = await createPasswordRecord(answer, password);
  const vault = createVault(renewed, { version: previous.vaultVersion + 1, previous, items, ...(manifest && { change: manifest }) });
  const input = {
    entries: [card.bytes, rotation.epoch.bytes],
    grants: rotation.grants,
    vault,
    credentials: {
      registrationRecord: record,
      passwordWrap: wrapWithPassword(exportKey, author.userId, wrapVersion, renewed.masterKey),
      recovery: { wrap: wrapWithRecoveryCode(rc, author.userId, wrapVersion, renewed.masterKey), verifier: recoveryVerifierOf(renewed.recovery.proof) },
    },
    wrapVersion,
  };
  const become = (): void => {
    adopt();
    author.person = { ...renewed, head: author.head };
  };
  return { input, renewed, adopt: become };
}

/** A card change that this relay takes. */
export async function createCardChange(relay: TestRelay, author: Author, options: CardChangeOptions = {}): Promise<CardChange<CardChangeInput>> {
  const previous = parseManifest(await relay.unitOfWork.repositories.vaults.getManifest(author.userId));
  const { loginId, loginFinish } = await proveLogin(relay, author.person);
  const answer = (request: Uint8Array): Uint8Array => relay.services.passwords.startChange(author.viewer, request);
  const change = await signCardChange(author, { previous, answer }, options);
  return { ...change, input: { ...change.input, loginId, loginFinish } };
}
