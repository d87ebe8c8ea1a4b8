import sodium from "libsodium-wrappers";

/** Resolves once libsodium can be called. Await it once before anything else of this folder. */
export function ready(): Promise<void> {
  return sodium.ready;
}

export { sodium };
