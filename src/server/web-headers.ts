import type { RequestHandler } from "express";
import helmet from "helmet";

/** Nothing that the API answers is a page: nothing may run, load or be framed. */
export const apiHeaders: ReturnType<typeof helmet> = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { "default-src": ["'none'"], "base-uri": ["'none'"], "form-action": ["'none'"], "frame-ancestors": ["'none'"] } },
  referrerPolicy: { policy: "no-referrer" },
  xFrameOptions: { action: "deny" },
});

/** What may turn text into HTML or a script's address: the page's own guard, and the editor (Monaco) with its sanitizer. */
const TRUSTED_TYPES = [
  ...["default", "peerbrain-inert"],
  ...["defaultWorkerFactory", "diffEditorWidget", "diffReview", "domLineBreaksComputer", "editorGhostText", "editorViewLayer"],
  ...["standaloneColorizer", "stickyScrollViewLayer", "tokenizeToString", "dompurify"],
];

/**
 * The relay's own pages: everything comes from here and no script is written inline. WebAssembly is compiled (libsodium),
 * which is not eval of text. The page talks to this origin alone. Monaco places every line by a style attribute; a style can
 * fetch nothing from elsewhere, so what is styled inline stays here too.
 */
export const pageHeaders: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      "default-src": ["'none'"],
      "script-src": ["'self'", "'wasm-unsafe-eval'"],
      "style-src": ["'self'", "'unsafe-inline'"],
      "img-src": ["'self'", "data:"],
      "font-src": ["'self'"],
      "connect-src": ["'self'"],
      "worker-src": ["'self'"],
      "base-uri": ["'none'"],
      "form-action": ["'none'"],
      "frame-ancestors": ["'none'"],
      "require-trusted-types-for": ["'script'"],
      "trusted-types": TRUSTED_TYPES,
    },
  },
  crossOriginEmbedderPolicy: { policy: "require-corp" },
  referrerPolicy: { policy: "no-referrer" },
  xFrameOptions: { action: "deny" },
});
