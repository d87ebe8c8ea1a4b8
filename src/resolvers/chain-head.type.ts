import { Field, Int, ObjectType } from "type-graphql";
import { HashScalar, SequenceScalar, UserIdScalar } from "./scalars.ts";

@ObjectType("ChainHead")
export class ChainHeadType {
  @Field(() => UserIdScalar)
  author!: Uint8Array;

  @Field(() => SequenceScalar)
  seq!: number;

  @Field(() => HashScalar)
  hash!: Uint8Array;

  @Field(() => Int)
  epoch!: number;
}
