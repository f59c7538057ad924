const EDGE_BYTES = 65_536;

/** Hex. Browsers count it themselves, aside from the page; those that may not (an address without TLS) fetch a slower way. */
export async function sha256(piece: Blob): Promise<string> {
  const bytes = new Uint8Array(await piece.arrayBuffer());
  if (globalThis.crypto?.subtle) return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  const { sha256: count } = await import("@noble/hashes/sha2.js");
  return hex(count(bytes));
}

/** What tells this file from others without reading all of it: after a crash, or days, it is the same. */
export async function fingerprint(file: File): Promise<string> {
  const said = new TextEncoder().encode(`${file.name}\n${file.size}\n${file.lastModified}\n`);
  return sha256(new Blob([said, file.slice(0, EDGE_BYTES), file.slice(Math.max(0, file.size - EDGE_BYTES))]));
}

export async function opening(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.slice(0, 8192).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
