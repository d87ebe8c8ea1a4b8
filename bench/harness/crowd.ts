import { befriend, createMembers, type Member } from "./people.ts";
import { type BenchRelay, startRelay } from "./relay.ts";
import { openStore, type Store } from "./store.ts";

/** A relay with an author and the author's friends, and somebody who has no friends. */
export interface Crowd {
  relay: BenchRelay;
  store: Store;
  author: Member;
  lonely: Member;
  friends: Member[];
  /** One token per socket; with more sockets than friends, some have several. */
  tokens(sockets: number): string[];
  stop(): Promise<void>;
}

export async function startCrowd(friendCount: number, tools: { log(line: string): void }, options: string[] = []): Promise<Crowd> {
  const relay = await startRelay({ ...tools, options });
  try {
    const store = await openStore(relay);
    const [author, lonely, ...friends] = (await createMembers(store, friendCount + 2)) as [Member, Member, ...Member[]];
    await befriend(store, author, friends);
    return {
      ...{ relay, store, author, lonely, friends },
      tokens: (sockets) => Array.from({ length: sockets }, (_, index) => (friends[index % friendCount] as Member).token),
      async stop() {
        await store.close();
        await relay.stop();
      },
    };
  } catch (error) {
    await relay.stop();
    throw error;
  }
}
