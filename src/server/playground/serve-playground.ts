import { existsSync } from "node:fs";
import { join } from "node:path";
import express, { type RequestHandler, Router } from "express";
import { pageHeaders } from "../web-headers.ts";

const ASSET_SECONDS = 3600;

/** The playground as it was built into `folder`: a page, its scripts and styles, all from this origin. */
export function servePlayground(folder: string): RequestHandler {
  const router = Router();
  router.use(pageHeaders);
  if (!existsSync(join(folder, "index.html"))) {
    router.use((_request, response) => void response.status(404).type("text/plain").send("The playground is not built: run `npm run build`.\n"));
    return router;
  }
  router.use(
    express.static(folder, {
      index: "index.html",
      maxAge: ASSET_SECONDS * 1000,
      // The page names its scripts: an old page would ask for scripts that are gone.
      setHeaders: (response, path) => void (path.endsWith(".html") && response.setHeader("Cache-Control", "no-cache")),
    }),
  );
  return router;
}
