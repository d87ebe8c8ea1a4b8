import { isRefusal } from "./errors.ts";

/** Takes a step that fetches whom it is about, and takes it again if they got a new card in between. */
export async function withNewestCard<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!isRefusal(error, "CARD_STALE")) throw error;
    return step();
  }
}
