import type { JSX } from "react";

/** What a visitor may expect of this page, and what not. */
export function WhatShowsHere(): JSX.Element {
  return (
    <section className="what-shows-here">
      <h2>What you see here, and what not</h2>
      <ul>
        <li>
          <strong>What the relay holds</strong>: users, friendships, times, sizes and ciphertext, as far as they concern you.
        </li>
        <li>
          <strong>What you can read</strong>: thoughts come sealed. Your keys open them here, in the pane beside the answer, and nowhere else.
        </li>
        <li>
          <strong>No sealing by hand.</strong> Mutations that take signed records need a client to make these. <code>setEmail</code> or{" "}
          <code>endSession</code> run as they are.
        </li>
        <li>
          <strong>Keys stay in this page’s worker</strong> and end with it, as all that they opened: reloading signs you out here. What you type into the
          editors, and the history of it, stays in this browser.
        </li>
        <li>End-to-end encrypted, not yet audited: who serves you this page could serve you another one. Try things out with a user you can spare.</li>
      </ul>
    </section>
  );
}
