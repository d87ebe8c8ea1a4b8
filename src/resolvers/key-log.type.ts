import { Field, ObjectType } from "type-graphql";
import type { KeyLogHead } from "../domain/key-log/key-log-service.ts";
import type { KeyLogLeafRecord } from "../domain/ports/index.ts";
import { BytesScalar, HashScalar, SequenceScalar, UserIdScalar } from "./scalars.ts";

/** Proofs and leaves come from field resolvers, all about this head. */
@ObjectType("KeyLog")
export class KeyLogType implements KeyLogHead {
  @Field(() => SequenceScalar)
  size!: number;

  root!: Uint8Array;

  @Field(() => BytesScalar)
  checkpoint!: Uint8Array;
}

@ObjectType("ConsistencyProof")
export class ConsistencyProofType {
  @Field(() => SequenceScalar)
  from!: number;

  @Field(() => [HashScalar])
  path!: Uint8Array[];
}

@ObjectType("InclusionProof")
export class InclusionProofType {
  @Field(() => SequenceScalar)
  index!: number;

  @Field(() => [HashScalar])
  path!: Uint8Array[];
}

@ObjectType("KeyLogLeaf")
export class KeyLogLeafType {
  @Field(() => SequenceScalar)
  index!: number;

  @Field(() => HashScalar)
  nameHash!: Uint8Array;

  @Field(() => UserIdScalar)
  userId!: Uint8Array;

  @Field(() => HashScalar)
  cardHash!: Uint8Array;
}

export function toKeyLogLeaf({ index, nameHash, userId, cardHash }: KeyLogLeafRecord): KeyLogLeafType {
  return { index, nameHash, userId, cardHash };
}
