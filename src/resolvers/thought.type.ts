import { Field, Int, ObjectType } from "type-graphql";
import type { ThoughtRecord } from "../domain/ports/index.ts";
import { parseEntryHeader, type UserId } from "../protocol/index.ts";
import { ChainEntryType, toEntry } from "./entry.type.ts";
import { ConnectionOf, EdgeOf } from "./page.type.ts";
import { BytesScalar, HashScalar, SequenceScalar, TimestampScalar } from "./scalars.ts";

/** Its author comes from a field resolver. */
@ObjectType("Thought")
export class ThoughtType {
  authorId!: UserId;

  @Field(() => HashScalar)
  id!: Uint8Array;

  @Field(() => SequenceScalar)
  seq!: number;

  @Field(() => Int)
  epoch!: number;

  @Field(() => TimestampScalar)
  writtenAt!: number;

  @Field(() => TimestampScalar)
  receivedAt!: number;

  @Field(() => Boolean)
  withdrawn!: boolean;

  @Field(() => BytesScalar, { nullable: true })
  sealedText!: Uint8Array | null;

  @Field(() => ChainEntryType)
  entry!: ChainEntryType;
}

export function toThought(record: ThoughtRecord): ThoughtType {
  const { author, hash, seq, epoch, signedHeader, receivedAtMs, payload } = record;
  return {
    authorId: author,
    id: hash,
    seq,
    epoch,
    writtenAt: parseEntryHeader(signedHeader).timeMs,
    receivedAt: receivedAtMs,
    withdrawn: payload === undefined,
    sealedText: payload ?? null,
    entry: toEntry(record),
  };
}

@ObjectType("ThoughtEdge")
class ThoughtEdge extends EdgeOf(() => ThoughtType) {}

@ObjectType("ThoughtConnection")
export class ThoughtConnection extends ConnectionOf(
  () => ThoughtEdge,
  () => ThoughtType,
) {}
