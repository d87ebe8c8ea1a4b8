import { createRegistrationResponse, finishOpaqueLogin, opaquePublicKey, startOpaqueLogin } from "../../crypto/relay/index.ts";
import type { PasswordVerifier } from "../../domain/ports/index.ts";
import { refusing } from "../../domain/protocol-refusal.ts";

/** The relay's half of OPAQUE under its server setup, which lies outside the database. PROTOCOL.md §6. */
export function createPasswordVerifier(setup: string): PasswordVerifier {
  return {
    publicKey: opaquePublicKey(setup),

    createRegistrationResponse: (userId, request) => refusing(() => createRegistrationResponse({ setup, userId, request })),

    startLogin(userId, record, request) {
      const { state, response } = refusing(() => startOpaqueLogin({ setup, userId, record, request }));
      return { serverState: state, loginResponse: response };
    },

    finishLogin: (state, finish) => finishOpaqueLogin({ state, finish }),
  };
}
