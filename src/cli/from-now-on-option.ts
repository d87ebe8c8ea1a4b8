import type { Described } from "./command.ts";

export const FROM_NOW_ON_OPTION: Described = ["--from-now-on", "they read what you write from now on, and nothing before"];
