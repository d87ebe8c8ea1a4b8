import { setTimeout as sleep } from "node:timers/promises";
import type { Repositories, UnitOfWork } from "../../src/domain/ports/index.ts";
import type { seededChoice } from "./random.ts";

type AnyMethod = (...args: unknown[]) => unknown;

/**
 * The same store, where every call waits a little before it is made: transactions that run beside each other meet at every
 * point in between, not only where the machine happens to be slow.
 */
export function chaoticUnitOfWork(unitOfWork: UnitOfWork, random: ReturnType<typeof seededChoice>): UnitOfWork {
  const hesitate = (repositories: Repositories): Repositories =>
    Object.fromEntries(Object.entries(repositories).map(([name, repository]) => [name, hesitant(repository as Record<string, AnyMethod>)])) as unknown as Repositories;

  const hesitant = (repository: Record<string, AnyMethod>): Record<string, AnyMethod> =>
    Object.fromEntries(
      Object.entries(repository).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          if (random.below(3) === 0) await sleep(random.below(6));
          return method(...args);
        },
      ]),
    );

  return { repositories: unitOfWork.repositories, run: (work) => unitOfWork.run((repositories) => work(hesitate(repositories))) };
}
