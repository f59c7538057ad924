import { call } from "../api";

export interface Address {
  number: number;
  url: string;
  headers: Record<string, string>;
}

interface Asked {
  number: number;
  sha256: string;
  found: (address: Address) => void;
  failed: (error: unknown) => void;
}

const TOGETHER_MS = 15;

/** Where parts are sent. Those that are asked for at about the same time are asked for at once. */
export class Addresses {
  #waiting: Asked[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly upload: string) {}

  of(number: number, sha256: string): Promise<Address> {
    return new Promise((found, failed) => {
      this.#waiting.push({ number, sha256, found, failed });
      this.#timer ??= setTimeout(() => void this.#ask(), TOGETHER_MS);
    });
  }

  async #ask(): Promise<void> {
    const asked = this.#waiting;
    this.#waiting = [];
    this.#timer = undefined;
    try {
      const parts = asked.map(({ number, sha256 }) => ({ number, sha256 }));
      const answer = await call<{ parts: Address[] }>("POST", `/uploads/${this.upload}/parts`, { parts });
      const found = new Map(answer.parts.map((part) => [part.number, part]));
      for (const each of asked) {
        const address = found.get(each.number);
        if (address) each.found(address);
        else each.failed(new Error("no address"));
      }
    } catch (error) {
      for (const each of asked) each.failed(error);
    }
  }
}
