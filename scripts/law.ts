import { checkLaw } from "./check-law.ts";
import { root } from "./run.ts";

const { modules, violations } = await checkLaw(root);
for (const violation of violations) console.error(violation);
console.log(`import law: ${modules.length} files, ${violations.length} violations`);
process.exitCode = violations.length > 0 ? 1 : 0;
