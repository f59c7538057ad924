/** A file as the server cuts it. Numbers count from 1. */
export interface Cut {
  bytes: number;
  partBytes: number;
}

export const countOf = (cut: Cut): number => Math.ceil(cut.bytes / cut.partBytes);

export const sizeOf = (cut: Cut, number: number): number =>
  Math.min(cut.partBytes, cut.bytes - (number - 1) * cut.partBytes);

export function pieceOf(file: Blob, cut: Cut, number: number): Blob {
  const start = (number - 1) * cut.partBytes;
  return file.slice(start, start + sizeOf(cut, number));
}

export function missing(cut: Cut, held: Iterable<number>): number[] {
  const there = new Set(held);
  return Array.from({ length: countOf(cut) }, (_, index) => index + 1).filter((number) => !there.has(number));
}

export const heldBytes = (cut: Cut, held: Iterable<number>): number =>
  [...held].reduce((sum, number) => sum + sizeOf(cut, number), 0);
