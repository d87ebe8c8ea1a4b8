/** Controls, and what turns the direction of writing: with them a text could rewrite what stands above it. */
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text from others as a terminal may show it: only line ends and tabs still act. */
export function printable(text: string): string {
  return text.replace(STEERING, symbolOf);
}

/** The same for what has to stay on one line. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\n\t]+/g, " ");
}

function symbolOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}
