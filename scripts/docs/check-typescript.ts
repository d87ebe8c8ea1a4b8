import { join } from "node:path";
import ts from "typescript";
import type { Document, Problem } from "./document.ts";

/**
 * Type-checks every TypeScript snippet as a module of its own that stands beside its page. `import … from "peerbrain"` means the package's own
 * exports, as they were built into dist/: a snippet that compiles here compiles for its reader.
 */
export function checkTypescript(root: string, documents: Document[]): Problem[] {
  const snippets = documents.flatMap(({ path, snippets }) =>
    snippets
      .filter(({ language }) => ["ts", "tsx", "typescript"].includes(language))
      .map((snippet) => ({ ...snippet, path, fileName: join(root, `${path}.${snippet.line}.ts`) })),
  );
  const snippetOf = new Map(snippets.map((snippet) => [snippet.fileName, snippet]));

  const options = readOptions(root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => snippetOf.has(name) || fileExists(name);
  host.readFile = (name) => snippetOf.get(name)?.text ?? readFile(name);
  const program = ts.createProgram([...snippetOf.keys()], options, host);

  return ts.getPreEmitDiagnostics(program).flatMap((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
    const snippet = snippetOf.get(diagnostic.file?.fileName ?? "");
    if (!snippet) return diagnostic.file ? [] : [{ path: "tsconfig.json", line: 1, message }];
    const { line } = ts.getLineAndCharacterOfPosition(diagnostic.file as ts.SourceFile, diagnostic.start ?? 0);
    return [{ path: snippet.path, line: snippet.line + line, message }];
  });
}

function readOptions(root: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  return { ...options, noUnusedLocals: false, noUnusedParameters: false };
}
