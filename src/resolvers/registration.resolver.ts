import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { RelayContext } from "./context.ts";
import { RegisterInput, StartRegistrationInput } from "./registration.input.ts";
import { Registered, RegisterResult, RegistrationStarted, StartRegistrationResult } from "./registration.result.ts";

@Resolver()
export class RegistrationResolver {
  @Mutation(() => StartRegistrationResult)
  async startRegistration(
    @Arg("input", () => StartRegistrationInput) { userId, registrationRequest }: StartRegistrationInput,
    @Ctx() { services }: RelayContext,
  ): Promise<typeof StartRegistrationResult> {
    return new RegistrationStarted(await services.registration.start(userId, registrationRequest));
  }

  @Mutation(() => RegisterResult)
  async register(@Arg("input", () => RegisterInput) input: RegisterInput, @Ctx() { services }: RelayContext): Promise<typeof RegisterResult> {
    const { username, registrationRecord, passwordWrap, recoveryWrap, recoveryVerifier, entries, selfGrant, vault, email, invitation, deviceName } = input;
    const credentials = { registrationRecord, passwordWrap, recovery: { wrap: recoveryWrap, verifier: recoveryVerifier } };
    const optional = { email: email ?? undefined, invitation: invitation ?? undefined };
    return new Registered(await services.registration.register({ username, credentials, entries, selfGrant, vault, ...optional, deviceName }));
  }
}
