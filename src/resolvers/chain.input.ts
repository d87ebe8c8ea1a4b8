import { Field, InputType } from "type-graphql";
import { BytesScalar } from "./scalars.ts";

@InputType("AppendEntriesInput")
export class AppendEntriesInput {
  @Field(() => [BytesScalar])
  entries!: Uint8Array[];

  @Field(() => [BytesScalar], { defaultValue: [] })
  grants!: Uint8Array[];
}

@InputType("ShowReceiptInput")
export class ShowReceiptInput {
  @Field(() => BytesScalar)
  receipt!: Uint8Array;
}
