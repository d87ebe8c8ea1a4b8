import type { FriendshipId, UserId } from "../../protocol/index.ts";
import type { AppendTools } from "../chain/append-entries.ts";
import { DomainError } from "../domain-error.ts";
import type { DomainLimits } from "../limits.ts";
import type { Bus, EntryRecord, FriendshipEventRecord, FriendshipRecordRow, FriendshipState, Page, RelayEvent, Repositories, UnitOfWork } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";
import { checkGrantTo } from "./check-grants.ts";
import { parseEnd, shutOut, storedEntries } from "./end-friendship.ts";
import { asOf, type Step, steps, takesPart } from "./friendship-policy.ts";
import { parseOwnRequest, requestFriendship } from "./request-friendship.ts";
import { parseOwnRecord, type StepBase, takeStep } from "./take-step.ts";

export interface ListOptions {
  /** Only those that changed before this one. */
  before: { changedAtMs: number; id: FriendshipId } | undefined;
  first: number;
}

/**
 * Friendships and requests, which only the two people see. Each step is a signed record; the same record again answers with
 * what became of it (PROTOCOL.md §5).
 */
export interface FriendshipService {
  find(viewer: Viewer, id: FriendshipId): Promise<FriendshipRecordRow | undefined>;
  /** In the order of `ids`; undefined for those of others. */
  findMany(viewer: Viewer, ids: FriendshipId[]): Promise<(FriendshipRecordRow | undefined)[]>;
  /** The newest friendship or request with each of the peers, in their order. */
  findNewest(viewer: Viewer, peers: UserId[]): Promise<(FriendshipRecordRow | undefined)[]>;
  /** Confirmed friendships, the last to change first. */
  listFriends(viewer: Viewer, options: ListOptions): Promise<Page<FriendshipRecordRow>>;
  /** What is pending or not confirmed yet, the last to change first. */
  listRequests(viewer: Viewer, options: ListOptions & { direction: "RECEIVED" | "SENT" | undefined }): Promise<Page<FriendshipRecordRow>>;

  /** @throws DomainError as requestFriendship; REQUEST_TO_SELF, SIGNER_NOT_VIEWER */
  request(viewer: Viewer, record: Uint8Array): Promise<FriendshipRecordRow>;
  /** From here on the requester reads the viewer's chain. @throws DomainError FRIENDS_FULL; as takeStep and checkGrantTo */
  accept(viewer: Viewer, record: Uint8Array, grant: Uint8Array): Promise<FriendshipRecordRow>;
  /** From here on both read each other's chains. @throws DomainError as takeStep and checkGrantTo */
  confirm(viewer: Viewer, record: Uint8Array, grant: Uint8Array): Promise<FriendshipRecordRow>;
  /** @throws DomainError as takeStep */
  decline(viewer: Viewer, record: Uint8Array): Promise<FriendshipRecordRow>;
  /** @throws DomainError as takeStep */
  cancel(viewer: Viewer, record: Uint8Array): Promise<FriendshipRecordRow>;
  /** Ends a friendship and starts the epoch that shuts the friend out. @throws DomainError as takeStep, appendEntries and checkRotationGrants */
  end(viewer: Viewer, input: EndInput): Promise<{ friendship: FriendshipRecordRow; entries: EntryRecord[] }>;
}

export interface EndInput {
  record: Uint8Array;
  /** The EPOCH, behind a HEAL if one is due. */
  entries: Uint8Array[];
  grants: Uint8Array[];
}

export interface FriendshipServiceDeps extends AppendTools {
  unitOfWork: UnitOfWork;
  bus: Bus;
  limits: DomainLimits;
}

export function createFriendshipService({ unitOfWork, bus, limits, ...tools }: FriendshipServiceDeps): FriendshipService {
  const { friendships } = unitOfWork.repositories;
  const { clock } = tools;

  const visible = (viewer: Viewer, row: FriendshipRecordRow | undefined): FriendshipRecordRow | undefined =>
    row && takesPart(viewer, row) ? asOf(clock.nowMs(), row) : undefined;

  const list = (viewer: Viewer, states: FriendshipState[], options: ListOptions, direction?: "RECEIVED" | "SENT"): Promise<Page<FriendshipRecordRow>> =>
    friendships.list(viewer.userId, { ...options, states, direction, nowMs: clock.nowMs() });

  /** Streams learn of a new author before they hear of the friendship. */
  const publish = (events: FriendshipEventRecord[], others: RelayEvent[] = []): void => {
    others.forEach((event) => bus.publish(event));
    events.forEach(({ userId, number }) => bus.publish({ kind: "friendship", userId, number }));
  };

  async function take(
    viewer: Viewer,
    step: Step,
    bytes: Uint8Array,
    effect: (repositories: Repositories, base: StepBase) => Promise<RelayEvent[]> = async () => [],
  ): Promise<FriendshipRecordRow> {
    const record = parseOwnRecord(viewer, step, bytes);
    const taken = await unitOfWork.run((repositories) =>
      takeStep(repositories, viewer, step, record, clock.nowMs(), (base) => effect(repositories, base)),
    );
    publish(taken.events, taken.effect);
    return taken.row;
  }

  /** Lets the other one read the viewer's chain, with the grant that opens it. */
  async function letIn(repositories: Repositories, viewer: Viewer, base: StepBase, grant: Uint8Array): Promise<RelayEvent[]> {
    const [reader, author] = [base.peer.userId, viewer.userId];
    const [chain] = await repositories.chains.lock(author);
    await repositories.grants.insert([checkGrantTo(base.peer, { chain, card: base.viewerCard }, grant)]);
    await repositories.friendships.insertEdge({ reader, author, friendshipId: base.row.id, sinceSeq: chain.seq });
    return [{ kind: "edges", userId: reader }];
  }

  return {
    async find(viewer, id) {
      return visible(viewer, await friendships.find(id));
    },

    async findMany(viewer, ids) {
      return (await friendships.findMany(ids)).map((row) => visible(viewer, row));
    },

    async findNewest(viewer, peers) {
      return (await friendships.findNewest(viewer.userId, peers)).map((row) => visible(viewer, row));
    },

    listFriends: (viewer, options) => list(viewer, ["CONFIRMED"], options),
    listRequests: (viewer, { direction, ...options }) => list(viewer, ["PENDING", "ACCEPTED"], options, direction),

    async request(viewer, bytes) {
      const request = parseOwnRequest(viewer, bytes);
      const { row, events } = await unitOfWork.run((repositories) => requestFriendship(repositories, request, limits, clock.nowMs()));
      publish(events);
      return row;
    },

    accept: (viewer, record, grant) =>
      take(viewer, steps.accept, record, async (repositories, base) => {
        await demandRoom(repositories, [viewer.userId, base.peer.userId], limits);
        return letIn(repositories, viewer, base, grant);
      }),

    confirm: (viewer, record, grant) =>
      take(viewer, steps.confirm, record, (repositories, base) => letIn(repositories, viewer, base, grant)),

    decline: (viewer, record) => take(viewer, steps.decline, record),
    cancel: (viewer, record) => take(viewer, steps.cancel, record),

    async end(viewer, input) {
      const { record, entries } = parseEnd(viewer, input);
      const { row, events, effect, stored } = await unitOfWork.run(async (repositories) => {
        const taken = await takeStep(repositories, viewer, steps.end, record, clock.nowMs(), ({ peer }) =>
          shutOut(repositories, { tools, limits, viewer, peer: peer.userId, entries, grants: input.grants }),
        );
        return { ...taken, stored: await storedEntries(repositories, entries) };
      });
      publish(events, effect);
      return { friendship: row, entries: stored };
    },
  };
}

/** @throws DomainError FRIENDS_FULL */
async function demandRoom({ friendships }: Repositories, users: UserId[], { maxFriends }: DomainLimits): Promise<void> {
  for (const userId of users) {
    if ((await friendships.countFriends(userId)) < maxFriends) continue;
    throw new DomainError("FRIENDS_FULL", `One of you has ${maxFriends} friends, the most a user can have: a friendship has to end first.`);
  }
}
