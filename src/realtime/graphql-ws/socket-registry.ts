import type { Viewer } from "../../domain/viewer.ts";
import { idKey } from "../../protocol/index.ts";

/** Who is connected, and from where: counts sockets by address and by user, and finds those of a session. */
export interface SocketRegistry<Socket> {
  /** Whether the address has as many sockets as it may. */
  isFull(address: string): boolean;
  open(socket: Socket, address: string): void;
  /** False when the user has as many sockets as a user may, or the socket is gone; then it stays without a viewer. */
  signIn(socket: Socket, viewer: Viewer): boolean;
  close(socket: Socket): void;
  listBySession(sessionId: Uint8Array): Socket[];
  list(): Socket[];
  /** Of the sockets that are signed in. */
  listViewers(): Viewer[];
  readonly size: number;
}

export function createSocketRegistry<Socket>(limits: { maxSocketsPerAddress: number; maxSocketsPerUser: number }): SocketRegistry<Socket> {
  const addresses = new Map<Socket, string>();
  const viewers = new Map<Socket, Viewer>();
  const byAddress = new Groups<Socket>();
  const byUser = new Groups<Socket>();
  const bySession = new Groups<Socket>();

  return {
    isFull: (address) => byAddress.sizeOf(address) >= limits.maxSocketsPerAddress,
    open(socket, address) {
      addresses.set(socket, address);
      byAddress.add(address, socket);
    },
    signIn(socket, viewer) {
      const user = idKey(viewer.userId);
      // Whoever left while the token was being checked must not be counted for ever.
      if (!addresses.has(socket)) return false;
      if (byUser.sizeOf(user) >= limits.maxSocketsPerUser) return false;
      viewers.set(socket, viewer);
      byUser.add(user, socket);
      bySession.add(idKey(viewer.sessionId), socket);
      return true;
    },
    close(socket) {
      const viewer = viewers.get(socket);
      byAddress.remove(addresses.get(socket), socket);
      byUser.remove(viewer && idKey(viewer.userId), socket);
      bySession.remove(viewer && idKey(viewer.sessionId), socket);
      addresses.delete(socket);
      viewers.delete(socket);
    },
    listBySession: (sessionId) => bySession.list(idKey(sessionId)),
    list: () => [...addresses.keys()],
    listViewers: () => [...viewers.values()],
    get size() {
      return addresses.size;
    },
  };
}

/** Sets by key; a key without members takes no room. */
class Groups<Member> {
  readonly #groups = new Map<string, Set<Member>>();

  add(key: string, member: Member): void {
    const group = this.#groups.get(key) ?? new Set();
    this.#groups.set(key, group.add(member));
  }

  remove(key: string | undefined, member: Member): void {
    const group = key === undefined ? undefined : this.#groups.get(key);
    if (key === undefined || !group?.delete(member)) return;
    if (group.size === 0) this.#groups.delete(key);
  }

  sizeOf(key: string): number {
    return this.#groups.get(key)?.size ?? 0;
  }

  list(key: string): Member[] {
    return [...(this.#groups.get(key) ?? [])];
  }
}
