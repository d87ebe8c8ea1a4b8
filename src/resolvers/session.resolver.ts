import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { equalBytes } from "../protocol/index.ts";
import { requireViewer } from "./authentication.ts";
import type { RelayContext } from "./context.ts";
import { EndAllSessionsInput, EndSessionInput, FinishLoginInput, RefreshSessionInput, StartLoginInput } from "./session.input.ts";
import {
  EndAllSessionsResult,
  EndSessionResult,
  FinishLoginResult,
  LoggedIn,
  LoginStarted,
  RefreshSessionResult,
  SessionRefreshed,
  SessionsEnded,
  StartLoginResult,
} from "./session.result.ts";
import { SessionType } from "./session.type.ts";

@Resolver(() => SessionType)
export class SessionResolver {
  @Mutation(() => StartLoginResult)
  async startLogin(@Arg("input", () => StartLoginInput) input: StartLoginInput, @Ctx() { services }: RelayContext): Promise<typeof StartLoginResult> {
    return new LoginStarted(await services.login.start(input));
  }

  @Mutation(() => FinishLoginResult)
  async finishLogin(@Arg("input", () => FinishLoginInput) input: FinishLoginInput, @Ctx() { services }: RelayContext): Promise<typeof FinishLoginResult> {
    return new LoggedIn(await services.login.finish(input));
  }

  @Mutation(() => RefreshSessionResult)
  async refreshSession(
    @Arg("input", () => RefreshSessionInput) { refreshToken }: RefreshSessionInput,
    @Ctx() { services }: RelayContext,
  ): Promise<typeof RefreshSessionResult> {
    return new SessionRefreshed(await services.sessions.refresh(refreshToken));
  }

  @Mutation(() => EndSessionResult)
  async endSession(@Arg("input", () => EndSessionInput) { sessionId }: EndSessionInput, @Ctx() context: RelayContext): Promise<typeof EndSessionResult> {
    return new SessionsEnded(await context.services.sessions.end(requireViewer(context), sessionId));
  }

  @Mutation(() => EndAllSessionsResult)
  async endAllSessions(
    @Arg("input", () => EndAllSessionsInput) input: EndAllSessionsInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof EndAllSessionsResult> {
    return new SessionsEnded(await context.services.sessions.endAll(requireViewer(context), input));
  }

  @FieldResolver(() => Boolean)
  current(@Root() { id }: SessionType, @Ctx() context: RelayContext): boolean {
    return equalBytes(id, requireViewer(context).sessionId);
  }
}
