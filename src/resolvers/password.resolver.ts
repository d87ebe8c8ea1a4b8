import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { requireViewer } from "./authentication.ts";
import type { RelayContext } from "./context.ts";
import { ChangePasswordInput, FinishRecoveryInput, StartPasswordChangeInput, StartRecoveryInput } from "./password.input.ts";
import {
  ChangePasswordResult,
  FinishRecoveryResult,
  PasswordChanged,
  RecoveryStarted,
  StartPasswordChangeResult,
  StartRecoveryResult,
} from "./password.result.ts";
import { RegistrationStarted } from "./registration.result.ts";

@Resolver()
export class PasswordResolver {
  @Mutation(() => StartPasswordChangeResult)
  startPasswordChange(
    @Arg("input", () => StartPasswordChangeInput) { registrationRequest }: StartPasswordChangeInput,
    @Ctx() context: RelayContext,
  ): typeof StartPasswordChangeResult {
    return new RegistrationStarted(context.services.passwords.startChange(requireViewer(context), registrationRequest));
  }

  @Mutation(() => ChangePasswordResult)
  async changePassword(
    @Arg("input", () => ChangePasswordInput) { recoveryWrap, recoveryVerifier, ...input }: ChangePasswordInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof ChangePasswordResult> {
    const recovery = { wrap: recoveryWrap ?? undefined, verifier: recoveryVerifier ?? undefined };
    return new PasswordChanged(await context.services.passwords.change(requireViewer(context), { ...input, recovery }));
  }

  @Mutation(() => StartRecoveryResult)
  async startRecovery(
    @Arg("input", () => StartRecoveryInput) input: StartRecoveryInput,
    @Ctx() { services }: RelayContext,
  ): Promise<typeof StartRecoveryResult> {
    return new RecoveryStarted(await services.passwords.startRecovery(input));
  }

  @Mutation(() => FinishRecoveryResult)
  async finishRecovery(
    @Arg("input", () => FinishRecoveryInput) { recoveryWrap, recoveryVerifier, ...input }: FinishRecoveryInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof FinishRecoveryResult> {
    const recovery = { wrap: recoveryWrap, verifier: recoveryVerifier };
    return new PasswordChanged(await context.services.passwords.finishRecovery(requireViewer(context), { ...input, recovery }));
  }
}
