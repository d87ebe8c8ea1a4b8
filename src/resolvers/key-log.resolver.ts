import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import type { RelayContext } from "./context.ts";
import { ConsistencyProofType, InclusionProofType, KeyLogLeafType, KeyLogType, toKeyLogLeaf } from "./key-log.type.ts";
import { pageSize } from "./page.type.ts";
import { HashScalar, SequenceScalar } from "./scalars.ts";

const MAX_PAGE = 1000;

@Resolver(() => KeyLogType)
export class KeyLogResolver {
  @Query(() => KeyLogType, { nullable: true })
  async keyLog(@Ctx() { services }: RelayContext): Promise<KeyLogType | null> {
    const head = await services.keyLog.findHead();
    return head ? { ...head, checkpoint: services.keyLog.sign(head) } : null;
  }

  @FieldResolver(() => [ConsistencyProofType])
  async consistency(
    @Arg("from", () => [SequenceScalar], { defaultValue: [] }) from: number[],
    @Root() head: KeyLogType,
    @Ctx() { services }: RelayContext,
  ): Promise<ConsistencyProofType[]> {
    const paths = await services.keyLog.proveConsistency(head, from);
    return from.map((size, place) => ({ from: size, path: paths[place] ?? [] }));
  }

  @FieldResolver(() => [InclusionProofType], { nullable: "items" })
  async inclusion(
    @Arg("leaves", () => [HashScalar], { defaultValue: [] }) leaves: Uint8Array[],
    @Root() head: KeyLogType,
    @Ctx() { services }: RelayContext,
  ): Promise<(InclusionProofType | null)[]> {
    const proofs = await services.keyLog.proveInclusion(head, leaves);
    return proofs.map((proof) => proof ?? null);
  }

  @FieldResolver(() => [KeyLogLeafType])
  async leaves(
    @Arg("from", () => SequenceScalar, { defaultValue: 0 }) from: number,
    @Arg("first", () => Int, { defaultValue: 100 }) first: number,
    @Root() head: KeyLogType,
    @Ctx() { services }: RelayContext,
  ): Promise<KeyLogLeafType[]> {
    return (await services.keyLog.listLeaves(head, from, pageSize(first, MAX_PAGE))).map(toKeyLogLeaf);
  }

  @FieldResolver(() => [KeyLogLeafType])
  async leavesOf(
    @Arg("names", () => [HashScalar], { defaultValue: [] }) names: Uint8Array[],
    @Root() head: KeyLogType,
    @Ctx() { services }: RelayContext,
  ): Promise<KeyLogLeafType[]> {
    return (await services.keyLog.listLeavesOf(head, names)).map(toKeyLogLeaf);
  }
}
