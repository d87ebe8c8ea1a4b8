export interface Clock {
  nowMs(): number;
}

export interface Random {
  bytes(count: number): Uint8Array;
}
