/** Something that must never be found outside of the clients: text, or the bytes of a key. */
export interface Canary {
  name: string;
  bytes: Buffer;
}

export function textCanary(name: string, text: string): Canary {
  return { name, bytes: Buffer.from(text, "utf8") };
}

/** Where a canary was found, and in which form. */
export interface Finding {
  canary: string;
  place: string;
  form: string;
}

interface Pattern {
  form: string;
  bytes: Buffer;
}

/** Looks for every canary in every form that software tends to write bytes in. */
export function scan(canaries: Canary[], places: { place: string; bytes: Buffer }[]): Finding[] {
  return canaries.flatMap((canary) =>
    patternsOf(canary.bytes).flatMap(({ form, bytes }) =>
      places.filter((place) => place.bytes.includes(bytes)).map(({ place }) => ({ canary: canary.name, place, form })),
    ),
  );
}

/** UTF-8 or raw, UTF-16 in both orders, hex in both cases, base64 and base64url at the three alignments. */
function patternsOf(bytes: Buffer): Pattern[] {
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
export const FORMS = patternsOf(Buffer.alloc(32)).length;

// Behind `shift` unknown bytes: the characters that depend on the canary alone.
function base64At(bytes: Buffer, shift: number): Pattern[] {
  const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
  const from = Math.ceil((shift * 8) / 6);
  const to = Math.floor((padded.length * 8) / 6);
  return (["base64", "base64url"] as const).map((encoding) => ({
    form: `${encoding}, shifted by ${shift}`,
    bytes: Buffer.from(padded.toString(encoding).slice(from, to)),
  }));
}
