/**
 * How a part of what is computed is missed. Without it everybody computes the same, or nobody reads what was written before:
 * - `anew`: people who never had it are lied to;
 * - `known`: people who met while it was in force believe a lie without it;
 * - `honest`: no lie is known that gets through; what honest people wrote while it was in force is not read any more.
 */
export interface ComputedPart {
  rule: string;
  by: "anew" | "known" | "honest";
  attack: string;
}

const SIGN_IN = "a manifest whose signature was changed";
const MISTYPED = "a recovery code with other check characters, typed where the relay listens";

export const computedParts: ComputedPart[] = [
  { rule: "§1 a leading U+FEFF stays", by: "anew", attack: "two texts that differ in a byte order mark alone" },
  { rule: "§1 CBOR: text is valid UTF-8", by: "known", attack: "a text that is no UTF-8" },
  { rule: "§6 recovery code: O is 0", by: "honest", attack: MISTYPED },
  { rule: "§6 recovery code: I and L are 1", by: "honest", attack: MISTYPED },
  { rule: "§1 VER: the label is signed along", by: "known", attack: "two receipts that were signed as nothing in particular" },
  { rule: "§1 H: the label is hashed along", by: "honest", attack: SIGN_IN },
  { rule: "§2 safety number: ascending order", by: "honest", attack: "the safety number of somebody else" },
  { rule: "§2 safety number: 5200 rounds", by: "honest", attack: "the safety number of somebody else" },
  { rule: "§3 outline: neighbours are linked", by: "honest", attack: "two epochs at one place of the outline" },
  { rule: "§3 single: the card in force at its place", by: "anew", attack: "a place from before a new card, signed with the new card" },
  { rule: "§3 joining: an EPOCH after a CARD", by: "anew", attack: "a new card as the head, and a thought in the place of its epoch" },
  { rule: "§4 grant: the sealed part is signed along", by: "anew", attack: "a grant whose ciphertext was changed" },
  { rule: "§5 record: each type under its label", by: "known", attack: "the end of a friendship, signed under the label of an acceptance" },
  { rule: "§3 observation: bound to observer and entry", by: "anew", attack: "an observation copied into another friend's entry" },
  { rule: "§1 KDF: the label is part of it", by: "anew", attack: "the commitment of a ciphertext, tried as its key" },
  { rule: "§1 SEAL: its keys depend on the associated data", by: "honest", attack: SIGN_IN },
  { rule: "§3 walk: a link belongs to its epoch", by: "anew", attack: "a link that was sealed for no epoch" },
  { rule: "§3 THOUGHT: sealed to its place", by: "known", attack: "a text that was sealed for no place at all" },
  { rule: "§3 THOUGHT: padded", by: "known", attack: "a text that fills its bucket, without any padding" },
  { rule: "§4 grant: kind 1 is K, checked as K", by: "known", attack: "a grant of all history that holds the key of one epoch" },
  { rule: "§4 grant: kind 2 is T, checked as T", by: "known", attack: "a grant of one epoch that holds the key to all history" },
  { rule: "§4 grant: the outer key depends on the ciphertext, the key and the context", by: "anew", attack: "a grant whose outer key is that of any other grant" },
  { rule: "§6 item: its key depends on its number", by: "anew", attack: "an item under a key for no item" },
  { rule: "§6 item: sealed to its user, version and number", by: "anew", attack: "an item that was sealed for no place" },
  { rule: "§6 wrap: sealed to its user, way and version", by: "anew", attack: "a wrap that is for nobody, no way and no version" },
  { rule: "§6 wrap: by password is not by recovery code", by: "anew", attack: "a wrap that does not say whether password or code opens it" },
  { rule: "archive: the wrap belongs to what stands before it", by: "anew", attack: "an archive whose key was wrapped for no archive" },
];
