/** The relay as it presents itself to anyone who asks. */
export interface RelayInfo {
  protocolVersion: number;
  softwareVersion: string;
  /** The Ed25519 key that signs receipts, 32 bytes. */
  receiptKey: Uint8Array;
  /** The static OPAQUE key, 32 bytes. */
  opaqueKey: Uint8Array;
  limits: RelayLimits;
}

/** What the relay accepts at most. */
export interface RelayLimits {
  maxRequestBytes: number;
  maxFrameBytes: number;
  maxFriends: number;
  maxVaultItemBytes: number;
  accessTokenSeconds: number;
}
