import type { RequestHandler } from "express";
import helmet from "helmet";

/** Nothing that the API answers is a page: nothing may run, load or be framed. */
export const apiHeaders: RequestHandler = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { "default-src": ["'none'"], "base-uri": ["'none'"], "form-action": ["'none'"], "frame-ancestors": ["'none'"] } },
  referrerPolicy: { policy: "no-referrer" },
  xFrameOptions: { action: "deny" },
});

/**
 * The relay's own pages: everything comes from here and nothing is written inline. WebAssembly is compiled (libsodium), which
 * is not eval of text. The page talks to this origin alone.
 */
export const pageHeaders: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      "default-src": ["'none'"],
      "script-src": ["'self'", "'wasm-unsafe-eval'"],
      "style-src": ["'self'"],
      "img-src": ["'self'", "data:"],
      "font-src": ["'self'"],
      "connect-src": ["'self'"],
      "worker-src": ["'self'"],
      "base-uri": ["'none'"],
      "form-action": ["'none'"],
      "frame-ancestors": ["'none'"],
      "require-trusted-types-for": ["'script'"],
    },
  },
  crossOriginEmbedderPolicy: { policy: "require-corp" },
  referrerPolicy: { policy: "no-referrer" },
  xFrameOptions: { action: "deny" },
});
