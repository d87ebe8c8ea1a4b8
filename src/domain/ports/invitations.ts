export interface InvitationRecord {
  /** Of the code; the code itself is not kept. */
  hash: Uint8Array;
  createdAtMs: number;
  expiresAtMs: number;
  /** How many people may still register with it. */
  usesLeft: number;
}

export interface InvitationRepository {
  /** Whether registering needs an invitation. */
  isRequired(): Promise<boolean>;
  setRequired(isRequired: boolean): Promise<void>;
  insert(invitation: InvitationRecord): Promise<void>;
  /** Newest first, used up and expired ones too. */
  list(): Promise<InvitationRecord[]>;
  delete(hash: Uint8Array): Promise<void>;
  /** Uses it once, until the transaction ends or is undone; false when there is no such invitation with a use left now. */
  take(hash: Uint8Array, nowMs: number): Promise<boolean>;
}
