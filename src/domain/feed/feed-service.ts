import type { DomainLimits } from "../limits.ts";
import type { FeedPlace, Page, ThoughtRecord, UnitOfWork } from "../ports/index.ts";
import type { Viewer } from "../viewer.ts";

export interface FeedService {
  /** Thoughts of the viewer's friends before a place, newest first by the time the relay received them. */
  list(viewer: Viewer, options: { before: FeedPlace | undefined; first: number }): Promise<Page<ThoughtRecord>>;
}

export function createFeedService({ unitOfWork, limits }: { unitOfWork: UnitOfWork; limits: DomainLimits }): FeedService {
  return {
    list: (viewer, options) => unitOfWork.repositories.chains.listFeed(viewer.userId, { ...options, maxBytes: limits.maxPageBytes }),
  };
}
