import { call, Problem } from "../api";
import { Addresses } from "./addresses";
import { NotTaken, send } from "./line";
import { Pace } from "./pace";
import { countOf, heldBytes, missing, pieceOf, type Cut } from "./parts";
import { rest, waitAfter } from "./patience";
import { fingerprint, opening, sha256 } from "./sums";
import type { Turns } from "./turns";

export type State = "waiting" | "sending" | "paused" | "offline" | "completing" | "done" | "failed" | "elsewhere";

interface Upload {
  id: string;
  asset_id: string;
  bytes: number;
  part_bytes: number;
  held: number[];
  state: string;
}

const PARTS_AT_ONCE = 4;
// A part that the store refuses for what it holds, again and again, was changed on the disk.
const REFUSALS = 3;

/** One file on its way. The server knows how far it is; here is only what a page shows of it. */
export class Transfer {
  state: State = "waiting";
  problem = "";
  assetId = "";
  readonly pace = new Pace();
  #upload = "";
  #cut: Cut = { bytes: 0, partBytes: 1 };
  #held = new Set<number>();
  #flying = new Map<number, number>();
  #stop = new AbortController();

  constructor(
    readonly file: File,
    private readonly slug: string,
    private readonly turns: Turns,
    private readonly changed: (transfer: Transfer) => void,
  ) {}

  /** Bytes that are there, and those of parts on their way. */
  get sent(): number {
    return heldBytes(this.#cut, this.#held) + [...this.#flying.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  get isActive(): boolean {
    return ["waiting", "sending", "offline", "completing"].includes(this.state);
  }

  /** Begins, or goes on: after a pause, a failure, another page, another day. */
  async run(): Promise<void> {
    this.#stop = new AbortController();
    this.#say("waiting");
    try {
      const print = await fingerprint(this.file);
      await alone(`upload:${this.slug}:${print}`, () => this.turns.take(() => this.#run(print)));
    } catch (error) {
      this.#end(error);
    }
  }

  pause(): void {
    this.#stop.abort();
    this.#say("paused");
  }

  async cancel(): Promise<void> {
    this.#stop.abort();
    if (this.#upload) await call("DELETE", `/uploads/${this.#upload}`);
  }

  async #run(print: string): Promise<void> {
    if (this.#stop.signal.aborted) return;
    await this.#patiently(() => this.#begin(print));
    for (;;) {
      await this.#sendAll();
      this.#say("completing");
      if (await this.#patiently(() => this.#complete())) break;
      await this.#patiently(() => this.#begin(print));
    }
    this.#say("done");
  }

  async #begin(print: string): Promise<void> {
    const body = {
      name: this.file.name, bytes: this.file.size, fingerprint: print, mime: this.file.type,
      opening: await opening(this.file),
    };
    const found = await call<Upload>("POST", `/creators/${this.slug}/uploads`, body);
    this.#upload = found.id;
    this.assetId = found.asset_id;
    this.#cut = { bytes: found.bytes, partBytes: found.part_bytes };
    this.#held = new Set(found.held);
    this.pace.forget();
    this.#say("sending");
  }

  async #sendAll(): Promise<void> {
    const waiting = missing(this.#cut, this.#held);
    const addresses = new Addresses(this.#upload);
    const lane = async (): Promise<void> => {
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
        await this.#sendPart(addresses, number);
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(PARTS_AT_ONCE, countOf(this.#cut)) }, lane));
    } catch (error) {
      this.#stop.abort();
      throw error;
    } finally {
      this.#flying.clear();
    }
  }

  async #sendPart(addresses: Addresses, number: number): Promise<void> {
    const piece = pieceOf(this.file, this.#cut, number);
    let refused = 0;
    await this.#patiently(async () => {
      const digest = await sha256(piece);
      const { url, headers } = await addresses.of(number, digest);
      try {
        await send(url, headers, piece, (bytes) => this.#fly(number, Math.min(bytes, piece.size)), this.#stop.signal);
      } catch (error) {
        this.#flying.delete(number);
        if (error instanceof NotTaken && error.status === 400 && (refused += 1) >= REFUSALS) {
          throw new Problem("The file changed while it was sent. Choose it again.", 400);
        }
        throw error;
      }
      this.#flying.delete(number);
      this.#held.add(number);
      this.#say(this.state === "offline" ? "sending" : this.state);
    });
  }

  #fly(number: number, bytes: number): void {
    this.#flying.set(number, bytes);
    this.pace.mark(this.sent, performance.now());
    this.#say("sending");
  }

  /** False when the server misses parts that we thought were there. */
  async #complete(): Promise<boolean> {
    try {
      await call("POST", `/uploads/${this.#upload}/complete`, {});
      return true;
    } catch (error) {
      if (error instanceof Problem && error.code === "parts_missing") return false;
      throw error;
    }
  }

  /** Until it works. What the server refuses for good is not asked again. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; failures += 1) {
      this.#stop.signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (this.#stop.signal.aborted || !mayPass(error)) throw error;
        if (!navigator.onLine || failures > 1) this.#say("offline");
        await rest(waitAfter(failures), this.#stop.signal);
      }
    }
  }

  #end(error: unknown): void {
    if (error instanceof Elsewhere) this.#say("elsewhere");
    else if (error instanceof DOMException && error.name === "AbortError") this.#say("paused");
    else {
      this.problem = error instanceof Problem ? error.message : "This file cannot be read any more. Choose it again.";
      this.#say("failed");
    }
  }

  #say(state: State): void {
    this.state = state;
    this.changed(this);
  }
}

class Elsewhere extends Error {}

/** One tab sends a file; a second one leaves it alone. */
async function alone(name: string, work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (!lock) throw new Elsewhere();
    await work();
  });
}

function mayPass(error: unknown): boolean {
  if (error instanceof NotTaken) return true; // also an address that is over: the next one is new
  return error instanceof Problem && (error.status === 0 || error.status === 429 || error.status >= 500);
}
