const WINDOW_MS = 8_000;

/** How fast it goes, over the last seconds; and so how long it will take. */
export class Pace {
  #marks: [at: number, bytes: number][] = [];

  mark(bytes: number, now: number): void {
    this.#marks.push([now, bytes]);
    while (this.#marks.length > 2 && now - (this.#marks[0]?.[0] ?? now) > WINDOW_MS) this.#marks.shift();
  }

  forget(): void {
    this.#marks = [];
  }

  /** Bytes a second; 0 before anything is known. */
  rate(): number {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last || last[0] - first[0] < 500) return 0;
    return Math.max(0, ((last[1] - first[1]) * 1000) / (last[0] - first[0]));
  }
}

export function bytesIn(words: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let step = 0;
  let value = words;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step] ?? ""}`;
}

export function timeIn(seconds: number): string {
  if (seconds < 5) return "a few seconds";
  if (seconds < 60) return `${Math.ceil(seconds / 5) * 5} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return minutes === 1 ? "a minute" : `${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  return `${hours} h ${minutes % 60} min`;
}
