import type { UserId } from "../../protocol/index.ts";
import type { Bus, Clock, UnitOfWork } from "../ports/index.ts";
import { endAllSessions, publishEnded } from "../sessions/end-sessions.ts";

/** For whoever runs the relay. */
export interface UserGate {
  /** Ends all sessions and lets the user in no more until that is undone. */
  disable(id: UserId): Promise<void>;
  enable(id: UserId): Promise<void>;
}

export function createUserGate({ unitOfWork, bus, clock }: { unitOfWork: UnitOfWork; bus: Bus; clock: Clock }): UserGate {
  return {
    async disable(id) {
      const ended = await unitOfWork.run(async (repositories) => {
        await repositories.users.lock([id]);
        await repositories.users.setDisabled(id, clock.nowMs());
        return endAllSessions(repositories, id);
      });
      publishEnded(bus, ended);
    },

    enable: (id) => unitOfWork.repositories.users.setDisabled(id, undefined),
  };
}
