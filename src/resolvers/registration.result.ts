import { createUnionType, Field, ObjectType } from "type-graphql";
import type { Registered as RegisteredUser } from "../domain/users/registration-service.ts";
import { ReceiptType, toReceipt } from "./receipt.type.ts";
import { Refused } from "./refusal.type.ts";
import { BytesScalar } from "./scalars.ts";
import { SessionTokensType, toSessionTokens } from "./session.type.ts";
import { toUser, UserType } from "./user.type.ts";

@ObjectType("RegistrationStarted")
export class RegistrationStarted {
  @Field(() => BytesScalar)
  registrationResponse: Uint8Array;

  constructor(registrationResponse: Uint8Array) {
    this.registrationResponse = registrationResponse;
  }
}

@ObjectType("Registered")
export class Registered {
  @Field(() => UserType)
  user: UserType;

  @Field(() => SessionTokensType)
  session: SessionTokensType;

  @Field(() => [ReceiptType])
  receipts: ReceiptType[];

  constructor({ user, tokens, entries }: RegisteredUser) {
    this.user = toUser(user);
    this.session = toSessionTokens(tokens);
    this.receipts = entries.map(toReceipt);
  }
}

export const StartRegistrationResult = createUnionType({ name: "StartRegistrationResult", types: () => [RegistrationStarted, Refused] as const });
export const RegisterResult = createUnionType({ name: "RegisterResult", types: () => [Registered, Refused] as const });
