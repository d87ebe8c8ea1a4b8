import { createContext, useContext, useSyncExternalStore } from "react";
import type { Readings, ReadRun } from "./readings.ts";
import type { Column } from "./stored-row.ts";

interface ReadingsPlace {
  readings: Readings;
  /** The row that the relay keeps for an entry. */
  findRow(author: string, seq: number): Promise<Column[]>;
}

/** Hands the opened entries to the pane. */
export const ReadingsContext = createContext<ReadingsPlace | undefined>(undefined);

export function useReadingsPlace(): ReadingsPlace {
  const place = useContext(ReadingsContext);
  if (!place) throw new Error("There is no ReadingsContext around this component.");
  return place;
}

/** What the last run in this tab brought. */
export function useReadRun(tab: string): ReadRun | undefined {
  const { readings } = useReadingsPlace();
  return useSyncExternalStore(readings.subscribe, () => readings.of(tab));
}
