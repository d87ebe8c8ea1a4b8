import { ObjectType } from "type-graphql";

/** All of its fields come from field resolvers, each for itself: clients ask for few of them at a time. */
@ObjectType("Viewer")
export class ViewerType {}
