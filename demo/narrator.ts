export const STEPS = 12;

export function say(text: string): void {
  console.log(text);
}

export function step(number: number, title: string): void {
  say(`\n${String(number).padStart(2)}. ${title}`);
}

export function readerSees(text: string): void {
  say(`    people see    ${text}`);
}

export function operatorSees(text: string): void {
  say(`    operator sees ${text}`);
}

/** Throws unless the story goes as it has to. */
export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(`This must not be: ${otherwise}.`);
}
