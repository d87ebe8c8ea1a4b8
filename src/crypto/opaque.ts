import * as opaque from "@serenity-kit/opaque";

/** Resolves once OPAQUE can be called. Await it once before the password functions of this folder. */
export function opaqueReady(): Promise<void> {
  return opaque.ready;
}

export { opaque };
