// The relay serves this page under a policy that takes no script address and no HTML from mere text. What the page's libraries
// still write as text passes here first; whatever else arrives is refused. It has to be loaded before any of them.

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML?(text: string): string; createScriptURL?(address: string): string }): { createHTML(text: string): string };
}

const trustedTypes = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;

/** What Markdown makes of the schema's descriptions. */
const TAGS = new Set("a blockquote br code em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul".split(" "));
const ATTRIBUTES = new Set(["href", "title", "start", "class"]);

if (trustedTypes) {
  const inert = trustedTypes.createPolicy("peerbrain-inert", { createHTML: (text) => text });
  trustedTypes.createPolicy("default", {
    createHTML(text) {
      const parsed = document.implementation.createHTMLDocument();
      parsed.body.innerHTML = inert.createHTML(text);
      if ([...parsed.body.querySelectorAll("*")].every(isPlain)) return text;
      throw new TypeError("HTML with more than plain text was refused.");
    },
    createScriptURL(address) {
      const { origin, href } = new URL(address, location.href);
      if (origin === location.origin) return href;
      throw new TypeError("A script of another origin was refused.");
    },
  });
}

function isPlain(element: Element): boolean {
  if (!TAGS.has(element.localName)) return false;
  return [...element.attributes].every(({ name, value }) => ATTRIBUTES.has(name) && (name !== "href" || /^(https?:|#)/.test(value)));
}
