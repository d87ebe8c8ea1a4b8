import { computed, edited, without, type Rule } from "./rule.ts";

const archive = "crypto/secret/archive.ts";
const seal = "crypto/secret/seal.ts";
const epoch = "crypto/secret/epoch.ts";
const grant = "crypto/secret/grant.ts";
const thought = "crypto/secret/thought.ts";
const vault = "crypto/secret/vault.ts";
const wrap = "crypto/secret/wrap.ts";

/** What only the holder of a key can check. */
export const secretRules: Rule[] = [
  computed("§1 KDF: the label is part of it", "crypto/kdf.ts", "domainInput(label, context)", "Uint8Array.of(...context.flatMap((part) => [...part]))"),
  edited("§1 OPEN: the version", seal, "sealed.length >= SEAL_OVERHEAD_BYTES && sealed[0] === FORMAT_VERSION", "sealed.length >= SEAL_OVERHEAD_BYTES"),
  without("§1 OPEN: the commitment to the key", seal, 'demand(sodium.memcmp(commitment, claimed), "bad-seal");'),
  edited("§1 OPEN: every failure is the same one", seal, 'refuseAs("bad-seal", () => {', "((step: () => Uint8Array) => step())(() => {"),
  computed("§1 SEAL: its keys depend on the associated data", seal, "nonce, adHash),\n    commitment", "nonce),\n    commitment"),

  edited("§3 K: its own commitment", epoch, "author, epoch) && isCommitted;", "author, epoch);"),
  edited("§3 K: the commitment of the T that comes from it", epoch, "return isThoughtKey(deriveThoughtKey(epochKey, author, epoch.n), author, epoch) && isCommitted;", "return isCommitted;"),
  edited("§3 T: its commitment", epoch, "return sodium.memcmp(thoughtCommitment(thoughtKey, author, epoch.n), epoch.thoughtCommitment);", "return true;"),
  without("§3 walk: from one epoch to the one before", epoch, 'demand(previousPayload.n === n - 1, "bad-epoch");'),
  without("§3 walk: the key that it starts from", epoch, 'demand(isEpochKey(key, author, payload), "bad-commit");'),
  without("§3 walk: the key that it comes to", epoch, 'demand(isEpochKey(previousKey, author, previousPayload), "bad-commit");'),
  computed("§3 walk: a link belongs to its epoch", epoch, "return concatBytes(author, u32(n), commitment);", "return new Uint8Array();"),
  edited("§3 walk: a link that does not open", epoch, 'refuseAs("bad-back-link", () =>', "((step: () => Uint8Array) => step())(() =>"),

  without("§3 THOUGHT: nothing else holds a text", thought, 'demand(entry.type === EntryType.THOUGHT, "bad-type");'),
  computed("§3 THOUGHT: sealed to its place", thought, 'open(thoughtKey, "thought", entry.pre, entry.payload)', 'open(thoughtKey, "thought", new Uint8Array(), entry.payload)'),
  computed("§3 THOUGHT: padded", thought, "parseThoughtBody(unpad(open(", "parseThoughtBody(((padded: Uint8Array) => padded)(open("),

  edited("§4 grant: the signature, before anything is opened", grant, "const grant = verifyGrantSignature(author, grantBytes);", "const grant = parseGrant(grantBytes);"),
  without("§4 grant: the recipient is oneself", grant, 'demand(equalBytes(parseGrant(grantBytes).recipient, recipient.userId), "bad-grant", "for someone else");'),
  without("§4 grant: to the card whose keys are tried", grant, 'demand(equalBytes(grant.recipientCardHash, recipient.cardHash), "bad-card");'),
  without("§4 grant: of this epoch", grant, 'demand(grant.n === epoch.n, "bad-epoch");'),
  without("§4 grant: commits to what the chain commits to", grant, 'demand(equalBytes(grant.commitment, epoch.commitment), "bad-commit");'),
  edited("§4 grant: every failure to open is the same one", grant, 'refuseAs("bad-grant", () => openKey(grant, recipient.identity))', "openKey(grant, recipient.identity)"),
  without("§4 grant: the sealed box was made for it", grant, 'demand(sodium.memcmp(content.take(HASH_BYTES), hash("grant-ctx", context)), "bad-grant");'),
  without("§4 grant: the key is the committed one", grant, 'demand(isCommittedKey(grant, key, epoch), "bad-commit");'),
  computed("§4 grant: kind 1 is K, checked as K", grant, "kind === GrantKind.HISTORY ? isEpochKey(key, author, epoch) : isThoughtKey(key, author, epoch)", "isThoughtKey(key, author, epoch)"),
  computed("§4 grant: kind 2 is T, checked as T", grant, "kind === GrantKind.HISTORY ? isEpochKey(key, author, epoch) : isThoughtKey(key, author, epoch)", "isEpochKey(key, author, epoch)"),
  computed("§4 grant: the outer key depends on the ciphertext, the key and the context", grant, '"grant-kem", ciphertext, kemPk, context)', '"grant-kem")'),

  edited("§6 item: at most 1 MiB", vault, 'demand(sealed.length <= MAX_VAULT_ITEM_BYTES, "bad-length");\n  return unpad(', "return unpad("),
  computed("§6 item: its key depends on its number", vault, '"vault-item", u8(item))', '"vault-item")'),
  computed("§6 item: sealed to its user, version and number", vault, "return concatBytes(userId, u32(itemVersion), u8(item));", "return new Uint8Array();"),
  without("§6 opening: an own card is published", vault, 'demand(own !== undefined, "bad-card");'),
  without("§6 opening: the published signing key", vault, 'demand(equalBytes(signPk, card.signPk), "bad-card");'),
  edited("§6 opening: the published box key", vault, "equalBytes(boxPk, card.boxPk) && equalBytes(kemPk, card.kemPk)", "equalBytes(kemPk, card.kemPk)"),
  edited("§6 opening: the published kem key", vault, "equalBytes(boxPk, card.boxPk) && equalBytes(kemPk, card.kemPk)", "equalBytes(boxPk, card.boxPk)"),
  edited("§6 opening: the manifest's signature", vault, "verifyManifest({ userId, card }, stored.manifest)", "parseManifest(stored.manifest)"),
  without("§6 opening: the items that the manifest names", vault, "demandItems(manifest, stored);"),
  without("§6 opening: no item of a later version", vault, 'demand(items.every(({ item }) => known.includes(item)), "unknown-version");'),
  without("§6 opening: no item that the manifest does not name", vault, 'demand(stored.items.length === items.length, "bad-vault");'),
  edited("§6 opening: the hashes of the items", vault, "found !== undefined && equalBytes(vaultItemHashOf(found.sealed), itemHash)", "found !== undefined"),
  without("§6 opening: every item is there", vault, 'demand(entry !== undefined && found !== undefined, "bad-vault");'),
  without("§6 opening: not rolled back", vault, "demandCurrentVault(manifest, chain, lowestVersion);"),
  without("§6 opening: the chain contains the vault's head", vault, 'demand(head !== undefined && equalBytes(head, manifest.headHash), "rolled-back");'),
  edited("§6 opening: that very head", vault, "head !== undefined && equalBytes(head, manifest.headHash)", "head !== undefined"),
  without("§6 opening: no EPOCH demands a newer vault", vault, 'demand(chain.highestVaultMin <= manifest.vaultVersion, "rolled-back");'),
  without("§6 opening: no older vault than this device has seen", vault, 'demand(lowestVersion <= manifest.vaultVersion, "rolled-back");'),
  without("§6 recovery code: check characters", "crypto/secret/recovery-code.ts", 'demand(characters.endsWith(checkCharacters(rc)), "bad-code");'),
  computed("§6 wrap: sealed to its user, way and version", wrap, "return concatBytes(userId, u8(by), u32(wrapVersion));", "return new Uint8Array();"),
  computed("§6 wrap: by password is not by recovery code", wrap, "userId, u8(by), u32(wrapVersion)", "userId, u32(wrapVersion)"),

  computed("archive: the wrap belongs to what stands before it", archive, '"archive-key", encodeArchivePrefix(head), head.wrap', '"archive-key", head.wrap.slice(0, 0), head.wrap', { find: '"archive-key", encodeArchivePrefix(place), sized', replace: '"archive-key", new Uint8Array(), sized' }),
  edited("archive: a piece belongs to its place", archive, 'open(archiveKey, "archive", encodeArchivePlace(place), sealed)', 'open(archiveKey, "archive", encodeArchivePlace({ ...place, isLast: false }), sealed)'),
];
