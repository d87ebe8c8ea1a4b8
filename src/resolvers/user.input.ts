import { Field, InputType } from "type-graphql";
import { EmailHashScalar } from "./scalars.ts";

@InputType("SetEmailInput")
export class SetEmailInput {
  @Field(() => EmailHashScalar, { nullable: true })
  email?: Uint8Array | null;
}
