import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** What reads the world behind a function's back: time and randomness are parameters (ports Clock and Random). */
const ambientClock = [
  "MemberExpression[object.name='Date'][property.name='now']",
  "NewExpression[callee.name='Date'][arguments.length=0]",
  "CallExpression[callee.name='Date']",
  "MemberExpression[object.name='performance']",
  "MemberExpression[object.name='process'][property.name=/^(hrtime|uptime)$/]",
].map((selector) => ({ selector, message: "Time is a parameter: take a Clock, or the time itself." }));

const randomSource = "/^(randomUUID|randomBytes|randomInt|randomFill|randomFillSync|getRandomValues)$/";
const ambientRandomness = [
  "MemberExpression[object.name='Math'][property.name='random']",
  `MemberExpression[property.name=${randomSource}]`,
  `ImportSpecifier[imported.name=${randomSource}]`,
].map((selector) => ({ selector, message: "Randomness is a parameter: take a Random, or the bytes themselves." }));

const environment = [
  "MemberExpression[object.name='process'][property.name='env']",
  "MemberExpression[object.name='process'][property.value='env']",
  "VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name='env']",
  "ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name='env']",
].map((selector) => ({ selector, message: "The environment is read once, in src/server/config or src/cli/environment.ts, and travels on as a value." }));

const hiddenImports = [
  { selector: "ImportExpression[source.type!='Literal']", message: "The import law can only judge an import whose target is written out." },
  { selector: "CallExpression[callee.name='require']", message: "The import law does not see require: use import." },
  { selector: "CallExpression[callee.callee.name='createRequire']", message: "The import law does not see require: use import." },
];

const nodeGlobals = ["process", "Buffer", "global", "setImmediate", "__dirname", "__filename"].map((name) => ({
  name,
  message: "This room runs in a browser as it does in Node.",
}));

const unfinishedTests = [
  { selector: "MemberExpression[object.name=/^(it|test|describe|suite)$/][property.name=/^(skip|only|todo)$/]", message: "A test runs or does not exist." },
];

const restrict = (...groups) => ["error", ...groups.flat()];

export default defineConfig(
  { ignores: ["dist/", "coverage/", "reports/", ".stryker-tmp/", ".peerbrain/", "**/generated/", "**/*.js", "**/*.mjs", "types/"] },
  { linterOptions: { noInlineConfig: true } },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-param-reassign": "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx", "hack"], location: "anywhere" }],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "no-restricted-syntax": restrict(hiddenImports, environment),
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" }],
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ["src/{protocol,crypto,domain,storage,realtime,resolvers}/**/*.ts"],
    rules: { "no-restricted-syntax": restrict(hiddenImports, environment, ambientClock, ambientRandomness) },
  },
  {
    // Where keys and nonces come from.
    files: ["src/crypto/secret/random.ts"],
    rules: { "no-restricted-syntax": restrict(hiddenImports, environment, ambientClock) },
  },
  {
    files: ["src/{protocol,crypto,domain,client,web}/**/*.{ts,tsx}"],
    rules: { "no-restricted-globals": ["error", ...nodeGlobals] },
  },
  {
    // The server gives the ports their clock and their randomness: in what it composes, and with the keys it makes.
    files: ["src/server/**/*.ts"],
    ignores: ["src/server/compose*.ts", "src/server/adapters/**", "src/server/keys/**", "src/server/config/**"],
    rules: { "no-restricted-syntax": restrict(hiddenImports, environment, ambientClock, ambientRandomness) },
  },
  {
    files: ["src/server/config/**/*.ts"],
    rules: { "no-restricted-syntax": restrict(hiddenImports, ambientClock, ambientRandomness) },
  },
  {
    // What the command line is told from outside.
    files: ["src/cli/environment.ts"],
    rules: { "no-restricted-syntax": restrict(hiddenImports) },
  },
  {
    files: ["src/{cli,peer}/**/*.ts", "src/bin.ts", "demo/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts"],
    rules: { "no-console": "off" },
  },
  {
    files: ["test/**/*.ts", "demo/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts", "*.config.ts"],
    rules: {
      "no-restricted-syntax": restrict(unfinishedTests),
      "@typescript-eslint/explicit-module-boundary-types": "off",
      // Tests read raw answers as a stranger would, without our types.
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
);
