import type { RequestHandler } from "express";

const TEXT = `Somebody invites you to be their friend on PeerBrain.

The invitation is the whole link, with what stands behind the #. Your browser kept that part
from this relay: it says who your friend is, so that nobody can take their place.

Copy the link from the address bar and hand it to your own client, for example

  peerbrain befriend 'THE WHOLE LINK'

If you are not on this relay yet, \`peerbrain register\` comes first.
`;

/** What whoever opens an invite link in a browser reads. The relay learns nothing of whom it invites to whom. */
export const explainInvite: RequestHandler = (_request, response) => void response.type("text/plain").send(TEXT);
