import type { Command, Described } from "./command.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

export function isShell(name: string): name is Shell {
  return (SHELLS as readonly string[]).includes(name);
}

/** A place on the command line, such as "sessions end", and the words that may follow there. */
interface Place {
  path: string;
  words: Described[];
}

/** What a shell has to be told to complete commands and options. */
export function completionScript(shell: Shell, commands: readonly Command[], globalOptions: readonly Described[]): string {
  const common = wordsOf(globalOptions);
  const places = [{ path: "", words: [...commands.map(wordOf), ...common] }, ...commands.flatMap((command) => placesOf(command, "", common))];
  // A longer path is the more exact one.
  const deepestFirst = places.sort((one, other) => other.path.length - one.path.length);
  const write = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell];
  return write(deepestFirst, valueOptions(globalOptions));
}

function placesOf(command: Command, above: string, common: Described[]): Place[] {
  const path = `${above} ${command.name}`.trim();
  const children = command.commands ?? [];
  const here = { path, words: [...children.map(wordOf), ...wordsOf(command.options ?? []), ...common, ["--help", "show help"] as const] };
  return [here, ...children.flatMap((child) => placesOf(child, path, common))];
}

function wordOf({ name, summary }: Command): Described {
  return [name, summary];
}

function wordsOf(options: readonly Described[]): Described[] {
  return options.map(([notation, summary]) => [longName(notation), summary]);
}

function valueOptions(options: readonly Described[]): string {
  return options.filter(takesValue).map(([notation]) => longName(notation)).join("|");
}

function takesValue([notation]: Described): boolean {
  return notation.includes("<");
}

function longName(notation: string): string {
  return /--[\w-]+/.exec(notation)?.[0] ?? notation;
}

function bashScript(places: Place[], optionsWithValue: string): string {
  const cases = places.map(({ path, words }) => `    ${pattern(path)}) words=${quote(words.map(([word]) => word).join(" "))} ;;`);
  return `_peerbrain() {
  local i path= words=
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${optionsWithValue}) ((i++)) ;;
      -*) ;;
      *) path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  case $path in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _peerbrain peerbrain`;
}

function zshScript(places: Place[], optionsWithValue: string): string {
  const cases = places.map(({ path, words }) => `    ${pattern(path)}) found=(${words.map(([word, summary]) => quote(`${word}:${summary}`)).join(" ")}) ;;`);
  return `#compdef peerbrain
_peerbrain() {
  local i path_here=
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case $words[i] in
      ${optionsWithValue}) ((i++)) ;;
      -*) ;;
      *) path_here="\${path_here:+$path_here }$words[i]" ;;
    esac
  done
  case $path_here in
${cases.join("\n")}
  esac
  _describe peerbrain found
}
compdef _peerbrain peerbrain`;
}

function fishScript(places: Place[], optionsWithValue: string): string {
  const cases = places.map(({ path }) => `    case ${path === "" ? "''" : `${quote(path)} ${quote(`${path} *`)}`}\n      echo ${quote(`at ${path}`)}`);
  return `function __peerbrain_place
  set -l path
  set -l is_value 0
  for word in (commandline -opc)[2..]
    if test $is_value = 1
      set is_value 0
      continue
    end
    switch $word
      case ${optionsWithValue.replaceAll("|", " ")}
        set is_value 1
      case '-*'
      case '*'
        set -a path $word
    end
  end
  switch "$path"
${cases.join("\n")}
  end
end
complete -c peerbrain -f
${places.flatMap(({ path, words }) => words.map((word) => fishLine(`test (__peerbrain_place) = ${quote(`at ${path}`)}`, word))).join("\n")}`;
}

function fishLine(condition: string, [word, summary]: Described): string {
  const offer = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${quote(word)}`;
  return `complete -c peerbrain -n ${quote(condition)} ${offer} -d ${quote(summary)}`;
}

/** A path and whatever arguments follow; the empty one only by itself. */
function pattern(path: string): string {
  return path === "" ? `""` : `"${path}"|"${path} "*`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
