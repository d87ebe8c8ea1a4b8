import type { Scene } from "./scene.ts";

/** People whom several attacks meet. */
export interface Shared<People> {
  meet(scene: Scene): Promise<People>;
  /** The next attack meets others. */
  forget(): void;
}

const all: Shared<unknown>[] = [];

/** People who are introduced once, for all attacks that leave nothing behind with them. */
export function share<People>(introduce: (scene: Scene) => Promise<People>): Shared<People> {
  let known: Promise<People> | undefined;
  const shared: Shared<People> = {
    meet: (scene) => (known ??= introduce(scene)),
    forget: () => void (known = undefined),
  };
  all.push(shared);
  return shared;
}

export function forgetShared(): void {
  for (const shared of all) shared.forget();
}
