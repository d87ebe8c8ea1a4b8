/** Something that must never be found outside of the clients: text, or the bytes of a key. */
export interface Canary {
  name: string;
  bytes: Buffer;
}

export function textCanary(name: string, text: string): Canary {
  return { name, bytes: Buffer.from(text, "utf8") };
}

/** Where canaries are looked for. */
export interface Place {
  place: string;
  bytes: Buffer;
}

/** Where a canary was found, and in which form. */
export interface Finding {
  canary: string;
  place: string;
  form: string;
}

interface Form {
  form: string;
  bytes: Buffer;
}

interface Pattern extends Form {
  canary: string;
}

/** A place is read once for all patterns: these many bytes say which ones may begin here. */
const HEAD_BYTES = 4;
const HEAD_BUCKETS = 2 ** 16;

/** Looks for every canary in every form that software tends to write bytes in. */
export function scan(canaries: Canary[], places: Place[]): Finding[] {
  const patterns = canaries.flatMap(({ name, bytes }) => formsOf(bytes).map((form): Pattern => ({ ...form, canary: name })));
  const heads = new Map<number, Pattern[]>();
  const buckets = new Uint8Array(HEAD_BUCKETS);
  for (const pattern of patterns) {
    if (pattern.bytes.length < HEAD_BYTES) throw new RangeError(`${pattern.canary} is too short to be looked for`);
    const head = pattern.bytes.readUInt32BE(0);
    heads.set(head, [...(heads.get(head) ?? []), pattern]);
    buckets[bucketOf(head)] = 1;
  }
  return places.flatMap(({ place, bytes }) => [...findIn(bytes, heads, buckets)].map(({ canary, form }) => ({ canary, place, form })));
}

function findIn(bytes: Buffer, heads: Map<number, Pattern[]>, buckets: Uint8Array): Set<Pattern> {
  const found = new Set<Pattern>();
  let head = 0;
  for (let end = 1; end <= bytes.length; end += 1) {
    head = ((head << 8) | (bytes[end - 1] ?? 0)) >>> 0;
    if (end < HEAD_BYTES || buckets[bucketOf(head)] === 0) continue;
    const start = end - HEAD_BYTES;
    for (const pattern of heads.get(head) ?? []) if (isAt(bytes, start, pattern.bytes)) found.add(pattern);
  }
  return found;
}

function bucketOf(head: number): number {
  return (head ^ (head >>> 16)) & (HEAD_BUCKETS - 1);
}

function isAt(bytes: Buffer, start: number, pattern: Buffer): boolean {
  const end = start + pattern.length;
  return end <= bytes.length && pattern.compare(bytes, start, end) === 0;
}

/** UTF-8 or raw, UTF-16 in both orders, hex in both cases, base64 and base64url at the three alignments. */
function formsOf(bytes: Buffer): Form[] {
  const littleEndian = Buffer.from(bytes.toString("utf8"), "utf16le");
  const hex = bytes.toString("hex");
  return [
    { form: "as it is", bytes },
    { form: "UTF-16LE", bytes: littleEndian },
    { form: "UTF-16BE", bytes: Buffer.from(littleEndian).swap16() },
    { form: "hex", bytes: Buffer.from(hex) },
    { form: "HEX", bytes: Buffer.from(hex.toUpperCase()) },
    ...[0, 1, 2].flatMap((shift) => base64At(bytes, shift)),
  ];
}

/** How many forms that makes. */
export const FORMS = formsOf(Buffer.alloc(32)).length;

// Behind `shift` unknown bytes: the characters that depend on the canary alone.
function base64At(bytes: Buffer, shift: number): Form[] {
  const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
  const from = Math.ceil((shift * 8) / 6);
  const to = Math.floor((padded.length * 8) / 6);
  return (["base64", "base64url"] as const).map((encoding) => ({
    form: `${encoding}, shifted by ${shift}`,
    bytes: Buffer.from(padded.toString(encoding).slice(from, to)),
  }));
}
