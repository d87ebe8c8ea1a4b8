/** A rule of the reader, and the edit of the source that takes it away. */
export interface Rule {
  name: string;
  /** Below src. */
  file: string;
  edits: Edit[];
  /** What is computed changes too, so that nothing valid need stay valid. Without this, only refusals may disappear. */
  computes: boolean;
}

/** `find` occurs once in the file. */
export interface Edit {
  find: string;
  replace: string;
}

/** A rule that stands in statements of its own. */
export const without = (name: string, file: string, find: string): Rule => edited(name, file, find, "");

/** A rule that is a part of something longer. */
export const edited = (name: string, file: string, find: string, replace: string, ...others: Edit[]): Rule => ({
  name,
  file,
  edits: [{ find, replace }, ...others],
  computes: false,
});

/** A rule that is a part of what is computed. */
export const computed = (name: string, file: string, find: string, replace: string, ...others: Edit[]): Rule => ({
  ...edited(name, file, find, replace, ...others),
  computes: true,
});
