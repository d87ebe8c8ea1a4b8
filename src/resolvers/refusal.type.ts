import { Field, InterfaceType, ObjectType, registerEnumType } from "type-graphql";
import { type DomainError, REFUSAL_CODES, type RefusalCode } from "../domain/domain-error.ts";

const refusalCodes = Object.fromEntries(REFUSAL_CODES.map((code) => [code, code])) as { [Code in RefusalCode]: Code };
registerEnumType(refusalCodes, { name: "RefusalCode" });

@InterfaceType("Refusal")
export abstract class Refusal {
  @Field(() => refusalCodes)
  code: RefusalCode;

  @Field(() => String)
  message: string;

  /** What carries more than code and message takes it from the error's details. */
  constructor(refusal: DomainError & { code: RefusalCode }) {
    this.code = refusal.code;
    this.message = refusal.message;
  }
}

@ObjectType("Refused", { implements: Refusal })
export class Refused extends Refusal {}
