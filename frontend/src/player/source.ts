import type HlsType from "hls.js";
import type { Grants } from "./grants";
import type { Playback } from "./view";

export interface Quality {
  index: number; // -1: whatever the line carries
  label: string;
}

const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];
const TUNED = {
  // Small at first: the picture comes quickly, and grows better within seconds.
  startLevel: -1,
  abrEwmaDefaultEstimate: 1_500_000,
  testBandwidth: false,
  maxBufferLength: 30,
  maxMaxBufferLength: 120,
  backBufferLength: 60,
  capLevelToPlayerSize: true,
  enableWorker: false, // its worker is made from a text, which costs more than it gives for films of one key
};

/** Where the sound and pictures come from: hls.js where the browser can be fed, its own player where not. */
export class Source {
  private hls: HlsType | undefined;
  private failures = 0;

  constructor(
    private readonly playback: Playback,
    private readonly media: HTMLMediaElement,
    private readonly grants: Grants,
    private readonly say: (words: string) => void,
    private readonly changed: () => void,
  ) {}

  async open(start: number): Promise<void> {
    if (this.playback.kind === "video" && this.playback.playlist && typeof MediaSource === "function") {
      await this.withHls(this.playback.playlist, start);
    } else {
      this.natively(start);
    }
  }

  get qualities(): Quality[] {
    if (!this.hls || this.hls.levels.length < 2) return [];
    const levels = this.hls.levels.map((level, index) => ({ index, side: Math.min(level.width, level.height), rate: level.bitrate }));
    levels.sort((one, other) => other.rate - one.rate);
    return [{ index: -1, label: "Automatic" }, ...levels.map(({ index, side }) => ({ index, label: `${side}p` }))];
  }

  get quality(): number {
    return this.hls?.autoLevelEnabled === false ? this.hls.currentLevel : -1;
  }

  set quality(index: number) {
    if (this.hls) this.hls.nextLevel = index;
  }

  close(): void {
    this.hls?.destroy();
  }

  private async withHls(playlist: string, start: number): Promise<void> {
    const { default: Hls } = await import("hls.js");
    this.media.replaceChildren(...this.media.querySelectorAll("track"));
    const hls = (this.hls = new Hls({ ...TUNED, startPosition: start || -1 }));
    hls.on(Hls.Events.MANIFEST_PARSED, () => this.changed());
    hls.on(Hls.Events.LEVEL_SWITCHED, () => this.changed());
    hls.on(Hls.Events.FRAG_BUFFERED, () => {
      if (this.failures > 0) this.say("");
      this.failures = 0;
    });
    hls.on(Hls.Events.ERROR, (_, error) => {
      if (!error.fatal) {
        if (error.response?.code === 403) void this.grants.renew();
        return;
      }
      if (error.type === Hls.ErrorTypes.MEDIA_ERROR && this.failures === 0) {
        this.failures += 1;
        hls.recoverMediaError();
      } else {
        void this.again(() => (hls.levels.length ? hls.startLoad(this.media.currentTime) : hls.loadSource(playlist)));
      }
    });
    hls.attachMedia(this.media);
    hls.loadSource(playlist);
  }

  private natively(start: number): void {
    if (this.playback.kind === "video" && this.playback.playlist) this.media.src = this.playback.playlist;
    this.media.preload = "metadata";
    if (start > 0) this.media.addEventListener("loadedmetadata", () => (this.media.currentTime = start), { once: true });
    const failed = (): void => {
      const at = this.media.currentTime || start;
      const wasPlaying = !this.media.paused;
      void this.again(() => {
        this.media.load();
        this.media.addEventListener(
          "loadedmetadata",
          () => {
            this.media.currentTime = at;
            this.failures = 0;
            this.say("");
            if (wasPlaying) void this.media.play();
          },
          { once: true },
        );
      });
    };
    this.media.addEventListener("error", failed);
    this.media.querySelector("source:last-of-type")?.addEventListener("error", failed);
  }

  /** A line that broke comes back; a way that closed is opened anew. */
  private async again(load: () => void): Promise<void> {
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 8_000;
    this.failures += 1;
    if (this.failures > 1) {
      this.say(navigator.onLine ? "The connection is poor. We keep trying." : "You are offline. It goes on when you are back.");
    }
    await new Promise((done) => setTimeout(done, wait));
    if (!this.grants.isOpen && !(await this.grants.renew()) && navigator.onLine && this.failures > 8) {
      this.say("This cannot be played at the moment. Reload the page to try again.");
      return;
    }
    load();
  }
}
