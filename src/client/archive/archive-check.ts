import { cardHashOf, demandAnswerTo, verifyForkProof, verifyFriendRequest, verifyFriendshipRecord, verifyReceiptConflict, type CardOwner } from "../../crypto/index.ts";
import {
  demand,
  equalBytes,
  FriendshipRecordType,
  parseFriendRequest,
  parseFriendshipRecord,
  ProtocolError,
  type ArchivePiece,
  type CardHash,
  type FriendRequestRecord,
  type FriendshipPiece,
  type UserId,
} from "../../protocol/index.ts";
import type { LogEntry } from "../author-log.ts";
import { ArchivedChain } from "./archived-chain.ts";

type Piece<Kind extends ArchivePiece["kind"]> = Extract<ArchivePiece, { kind: Kind }>;

/** An entry that was verified, and the chain that it stands in. */
export interface ArchivedLogEntry {
  chain: ArchivedChain;
  held: LogEntry;
  receipt: Uint8Array;
}

/** A person of an archive, with the cards of their chain. */
interface Person {
  userId: UserId;
  cards: ArchivedChain["cards"];
}

/** Verifies the pieces of an archive, one after the other, by nothing but what they hold. The one who writes runs it too. */
export class ArchiveCheck {
  #about: Piece<"about"> | undefined;
  #own: Person | undefined;
  #chain: ArchivedChain | undefined;
  #hasFriendship = false;
  #isOver = false;
  readonly chains: ArchivedChain[] = [];
  readonly proofs: { kind: "fork" | "receipts"; author: UserId; seq: number; bytes: Uint8Array }[] = [];

  get about(): Piece<"about"> {
    demand(this.#about !== undefined, "bad-archive", "it does not say whose it is");
    return this.#about;
  }

  /** Answers the entries that the piece brought. Throws ProtocolError. */
  take(piece: ArchivePiece): ArchivedLogEntry[] {
    demand(!this.#isOver && (piece.kind === "about") === (this.#about === undefined), "bad-archive", "a piece out of order");
    switch (piece.kind) {
      case "about":
        this.#about = piece;
        break;
      case "chain":
        this.#begin(piece);
        break;
      case "landmarks":
        this.#open.addLandmarks(piece.entries);
        break;
      case "keys":
        for (const key of piece.keys) this.#open.addKey(key);
        break;
      case "entries": {
        const chain = this.#open;
        return piece.entries.map((entry) => ({ chain, held: chain.addEntry(entry), receipt: entry.receipt }));
      }
      case "friendship":
        this.#verifyFriendship(piece);
        break;
      case "proof":
        this.#verifyProof(piece);
        break;
      case "end":
        this.#end(piece);
    }
    return [];
  }

  /** Throws ProtocolError bad-archive unless the end was reached. */
  demandOver(): void {
    demand(this.#isOver, "bad-archive", "it has no end");
  }

  get #open(): ArchivedChain {
    demand(this.#chain !== undefined, "bad-archive", "a piece of no chain");
    return this.#chain;
  }

  #begin(piece: Piece<"chain">): void {
    this.#close();
    const isOwn = this.chains.length === 0;
    demand(isOwn === equalBytes(piece.userId, this.about.userId), "bad-archive", "the own chain comes first");
    demand(!isOwn || piece.username === this.about.username, "bad-archive");
    demand(this.chains.every(({ about }) => !equalBytes(about.userId, piece.userId)), "bad-archive", "a chain that stands twice");
    this.#chain = new ArchivedChain(piece, this.about.receiptKey);
    this.#hasFriendship = false;
    this.chains.push(this.#chain);
  }

  #close(): void {
    if (this.#chain === undefined) return;
    this.#chain.demandWhole();
    const person = { userId: this.#chain.about.userId, cards: this.#chain.cards };
    if (this.#own === undefined) this.#own = person;
    else demand(this.#hasFriendship, "bad-archive", "a chain of somebody who is no friend");
    this.#chain = undefined;
  }

  #verifyFriendship({ request: bytes, accept, confirm }: FriendshipPiece): void {
    const peer = { userId: this.#open.about.userId, cards: this.#open.cards };
    const own = this.#own;
    demand(own !== undefined && !this.#hasFriendship, "bad-archive", "a friendship with oneself");
    const claimed = parseFriendRequest(bytes);
    const [from, to] = equalBytes(claimed.from, own.userId) ? [own, peer] : [peer, own];
    demand(equalBytes(claimed.from, from.userId) && equalBytes(claimed.to, to.userId), "bad-record");
    const request = verifyFriendRequest(signerOf(from, claimed.fromCardHash), bytes);
    signerOf(to, request.toCardHash);
    demand(accept !== undefined, "bad-record", "a request that nobody accepted");
    verifyAnswer(to, request, accept, FriendshipRecordType.ACCEPT);
    if (confirm !== undefined) verifyAnswer(from, request, confirm, FriendshipRecordType.CONFIRM);
    this.#hasFriendship = true;
  }

  #verifyProof({ proof: kind, bytes }: Piece<"proof">): void {
    const { author, seq } = kind === "fork" ? verifyForkProof(bytes) : verifyReceiptConflict(this.about.receiptKey, bytes).first;
    this.proofs.push({ kind, author, seq, bytes });
  }

  #end({ chains, entries }: Piece<"end">): void {
    this.#close();
    const counted = this.chains.reduce((sum, { count }) => sum + count.entries, 0);
    demand(chains > 0 && chains === this.chains.length && entries === counted, "bad-archive", "its end counts otherwise");
    this.#isOver = true;
  }
}

function verifyAnswer(signer: Person, request: FriendRequestRecord, bytes: Uint8Array, type: FriendshipRecordType): void {
  const record = verifyFriendshipRecord(signerOf(signer, parseFriendshipRecord(bytes).signerCardHash), bytes);
  demand(record.type === type, "bad-type");
  demandAnswerTo(request, record);
}

function signerOf({ userId, cards }: Person, cardHash: CardHash): CardOwner {
  const card = cards.find((one) => equalBytes(cardHashOf(one), cardHash));
  if (card === undefined) throw new ProtocolError("bad-card");
  return { userId, card };
}
