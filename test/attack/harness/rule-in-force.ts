type Module = Record<string, unknown>;
type Variants = [removal: number, module: Module][];
type AnyFunction = (...args: unknown[]) => unknown;

interface Watcher {
  asks(removal: number): boolean;
  /** Without these rules something else would have come of it. */
  met(removal: number): void;
  refused(code: string): void;
}

let removed: number | undefined;
let watcher: Watcher | undefined;

/** From now on everything runs without the rules of this removal; undefined puts all rules in force. */
export function remove(removal: number | undefined): void {
  removed = removal;
}

/** While this works, the watcher is told which removals make a difference, and which refusals there are. */
export async function watchRules(told: Watcher, work: () => Promise<void>): Promise<void> {
  watcher = told;
  try {
    await work();
  } finally {
    watcher = undefined;
  }
}

/** A constant, or a function that runs as the rules in force have it. */
export function switchValue(name: string, whole: Module, variants: Variants): unknown {
  const value = whole[name];
  if (typeof value !== "function") return value;
  return switchFunction(value as AnyFunction, variants.map(([removal, module]) => [removal, module[name] as AnyFunction]));
}

export function switchClass(name: string, whole: Module, variants: Variants): unknown {
  type AnyClass = new (...args: unknown[]) => object;
  const original = whole[name] as AnyClass;
  const inForce = (): AnyClass => (variants.find(([removal]) => removal === removed)?.[1][name] as AnyClass | undefined) ?? original;
  return new Proxy(original, {
    construct: (_original, args) => Reflect.construct(inForce(), args),
    // A prototype is one for ever.
    get: (_original, property) => Reflect.get(property === "prototype" ? original : inForce(), property) as unknown,
  });
}

function switchFunction(whole: AnyFunction, variants: [removal: number, variant: AnyFunction][]): AnyFunction {
  return (...args) => {
    const inForce = variants.find(([removal]) => removal === removed)?.[1] ?? whole;
    const result = watcher ? watch(watcher, () => whole(...args), variants.map(([removal, variant]) => [removal, () => variant(...args)])) : inForce(...args);
    // A parser that was made at the start obeys the rules of the time when it parses.
    if (typeof result !== "function") return result;
    const called = (make: AnyFunction): AnyFunction => (...more) => (make(...args) as AnyFunction)(...more);
    return switchFunction(called(whole), variants.map(([removal, variant]) => [removal, called(variant)]));
  };
}

// Rules refuse by an error or by false: then it is tried which of them was needed for that.
let isTrying = false;

function watch(told: Watcher, run: () => unknown, variants: [removal: number, run: () => unknown][]): unknown {
  if (isTrying) return run();
  const outcome = outcomeOf(run);
  if (outcome.code !== undefined) told.refused(outcome.code);
  if (outcome.code !== undefined || outcome.value === false) {
    isTrying = true;
    for (const [removal, variant] of variants.filter(([number]) => told.asks(number))) {
      const other = outcomeOf(variant);
      if (other.code !== outcome.code || (outcome.value === false && other.value !== false)) told.met(removal);
    }
    isTrying = false;
  }
  if (outcome.error !== undefined) throw outcome.error;
  return outcome.value;
}

interface Outcome {
  value?: unknown;
  error?: Error;
  code?: string;
}

function outcomeOf(run: () => unknown): Outcome {
  try {
    return { value: run() };
  } catch (caught) {
    const error = caught instanceof Error ? caught : new Error(String(caught));
    return { error, code: (error as { code?: string }).code ?? error.name };
  }
}
