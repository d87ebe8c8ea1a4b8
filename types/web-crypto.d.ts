/** The generator that Node and browsers share. Declared here because the compiler knows it only as part of the DOM or of Node. */
declare var crypto: {
  /** Fills at most 65 536 bytes and answers with them. */
  getRandomValues<Bytes extends Uint8Array>(bytes: Bytes): Bytes;
};
