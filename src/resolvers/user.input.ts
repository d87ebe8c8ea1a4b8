import { Field, InputType } from "type-graphql";
import { EmailAddressScalar } from "./scalars.ts";

@InputType("SetEmailInput")
export class SetEmailInput {
  @Field(() => EmailAddressScalar, { nullable: true })
  email?: string | null;
}
