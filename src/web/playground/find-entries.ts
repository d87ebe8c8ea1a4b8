/** What an answer tells of one entry, as far as it was asked for. Ids, hashes and bytes are in base64url, as they came. */
export interface ShownEntry {
  /** The author's user id. */
  author?: string;
  username?: string;
  seq?: number;
  /** The hash of the entry. */
  id?: string;
  /** Null where the thought was withdrawn. */
  sealedText?: string | null;
  /** The whole signed entry. */
  bytes?: string;
}

type Fields = Record<string, unknown>;
type Author = Pick<ShownEntry, "author" | "username">;

/** Fields that stand beside `seq` in entries and thoughts only. */
const SIGNS = ["sealedText", "bytes", "type", "withdrawn", "writtenAt", "receivedAt", "entry"];

/** The entries and thoughts in what the relay answered, in its order, each once; by the names that the contract gives their fields. */
export function findEntries(answer: unknown): ShownEntry[] {
  const found = new Map<string, ShownEntry>();
  for (const shown of walk(answer, {})) {
    const place = JSON.stringify([shown.author ?? shown.username, shown.seq, shown.seq === undefined ? shown : 0]);
    if (!found.has(place)) found.set(place, shown);
  }
  return [...found.values()];
}

function* walk(value: unknown, author: Author): Generator<ShownEntry> {
  if (Array.isArray(value)) for (const element of value as unknown[]) yield* walk(element, author);
  if (!isFields(value)) return;
  if (isEntry(value)) return void (yield shownOf(value, author));
  // Thoughts below a user are that user's.
  const owner = "thoughts" in value ? authorOf(value) : author;
  for (const part of Object.values(value)) yield* walk(part, owner);
}

function isEntry(fields: Fields): boolean {
  return "sealedText" in fields || ("seq" in fields && SIGNS.some((name) => name in fields));
}

function shownOf(thought: Fields, owner: Author): ShownEntry {
  const entry = isFields(thought["entry"]) ? thought["entry"] : {};
  const author = thought["author"] ?? entry["author"];
  const sealedText = thought["sealedText"];
  return {
    ...(typeof author === "string" ? { author } : isFields(author) ? authorOf(author) : owner),
    ...(sealedText === null ? { sealedText } : textField("sealedText", sealedText)),
    ...textField("id", thought["id"] ?? thought["hash"] ?? entry["hash"]),
    ...textField("bytes", thought["bytes"] ?? entry["bytes"]),
    ...numberField("seq", thought["seq"] ?? entry["seq"]),
  };
}

function authorOf(user: Fields): Author {
  return { ...textField("author", user["id"]), ...textField("username", user["username"]) };
}

function textField<Name extends keyof ShownEntry>(name: Name, value: unknown): Partial<Record<Name, string>> {
  return typeof value === "string" ? ({ [name]: value } as Record<Name, string>) : {};
}

function numberField<Name extends keyof ShownEntry>(name: Name, value: unknown): Partial<Record<Name, number>> {
  return typeof value === "number" ? ({ [name]: value } as Record<Name, number>) : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
