import { createThoughtEntry, deriveThoughtKey, generateBytes, ready, receiptSignerOf } from "../../src/crypto/index.ts";
