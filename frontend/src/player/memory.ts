import type { Playback } from "./view";

const EVERY_MS = 10_000;
const LEAST_MS = 5_000;
const KEPT = "df-watched-";
const SPEED = "df-speed";
const VOLUME = "df-volume";
const WORDS = "df-words";

/** Remembers where somebody stopped: on this device at once, on the server now and then, for their other devices. */
export class Memory {
  private sent = 0;
  private sentAt = -1;

  constructor(
    private readonly playback: Playback,
    private readonly media: HTMLMediaElement,
  ) {
    media.addEventListener("timeupdate", () => this.note(false));
    media.addEventListener("pause", () => this.note(true));
    media.addEventListener("ended", () => this.note(true));
    addEventListener("pagehide", () => this.note(true));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.note(true);
    });
  }

  /** In seconds. The server knows of all devices; without it this one's word counts. */
  get start(): number {
    const asked = /^#t=(\d+)$/.exec(location.hash);
    if (asked) return Number(asked[1]);
    return (this.playback.position_ms || Number(read(KEPT + this.playback.asset_id) ?? 0)) / 1000;
  }

  private note(now: boolean): void {
    const at = Math.round(this.media.currentTime * 1000);
    if (this.media.readyState === 0 || (at < LEAST_MS && this.sentAt < 0)) return;
    write(KEPT + this.playback.asset_id, String(this.media.ended ? 0 : at));
    if (at === this.sentAt || (!now && performance.now() - this.sent < EVERY_MS)) return;
    this.sent = performance.now();
    this.sentAt = at;
    this.send(at);
  }

  /** A page that goes away still sends it; who is not signed in is answered 401, and that is fine. */
  private send(at: number): void {
    const length = Number.isFinite(this.media.duration) ? Math.round(this.media.duration * 1000) : this.playback.duration_ms;
    void fetch(`/api/v1/media/${this.playback.asset_id}/position`, {
      method: "PUT",
      keepalive: true,
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ position_ms: at, duration_ms: length }),
    }).catch(() => undefined);
  }
}

export const chosen = {
  get speed(): number {
    return Number(read(SPEED) ?? 1) || 1;
  },
  set speed(value: number) {
    write(SPEED, String(value));
  },
  get volume(): number {
    return Math.min(1, Math.max(0, Number(read(VOLUME) ?? 1)));
  },
  set volume(value: number) {
    write(VOLUME, String(value));
  },
  get words(): string {
    return read(WORDS) ?? "";
  },
  set words(value: string) {
    write(WORDS, value);
  },
};

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing plays all the same.
  }
}
