type Module = Record<string, unknown>;
type Variants = [rule: number, module: Module][];
type AnyFunction = (...args: unknown[]) => unknown;

interface Watcher {
  /** Without this rule something else would have come of it. */
  met(rule: number): void;
  refused(code: string): void;
}

let removed: number | undefined;
let watcher: Watcher | undefined;

/** From now on everything runs without this rule; undefined puts all rules in force. */
export function removeRule(rule: number | undefined): void {
  removed = rule;
}

/** While this works, the watcher is told which rules make a difference, and which refusals there are. */
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
  return switchFunction(value as AnyFunction, variants.map(([rule, module]) => [rule, module[name] as AnyFunction]));
}

export function switchClass(name: string, whole: Module, variants: Variants): unknown {
  return new Proxy(whole[name] as new (...args: unknown[]) => object, {
    construct(original, args) {
      const variant = variants.find(([rule]) => rule === removed)?.[1][name];
      return Reflect.construct((variant ?? original) as typeof original, args);
    },
  });
}

function switchFunction(whole: AnyFunction, variants: [rule: number, variant: AnyFunction][]): AnyFunction {
  return (...args) => {
    const inForce = variants.find(([rule]) => rule === removed)?.[1] ?? whole;
    const result = watcher ? watch(watcher, () => whole(...args), variants.map(([rule, variant]) => [rule, () => variant(...args)])) : inForce(...args);
    // A parser that was made at the start obeys the rules of the time when it parses.
    if (typeof result !== "function") return result;
    const called = (make: AnyFunction): AnyFunction => (...more) => (make(...args) as AnyFunction)(...more);
    return switchFunction(called(whole), variants.map(([rule, variant]) => [rule, called(variant)]));
  };
}

// Rules refuse by an error or by false: then it is tried which of them was needed for that.
let isTrying = false;

function watch(told: Watcher, run: () => unknown, variants: [rule: number, run: () => unknown][]): unknown {
  if (isTrying) return run();
  const outcome = outcomeOf(run);
  if (outcome.code !== undefined) told.refused(outcome.code);
  if (outcome.code !== undefined || outcome.value === false) {
    isTrying = true;
    for (const [rule, variant] of variants) {
      const other = outcomeOf(variant);
      if (other.code !== outcome.code || (outcome.value === false && other.value !== false)) told.met(rule);
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
