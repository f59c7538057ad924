import type Hls from "hls.js";

/** What was measured to stay nearest to the moment without stalling on a bad line. */
const LIVE = {
  lowLatencyMode: true,
  liveSyncDuration: 1.6,
  liveMaxLatencyDuration: 8,
  maxLiveSyncPlaybackRate: 1.3,
  abrEwmaFastLive: 1,
  abrEwmaSlowLive: 3,
  abrBandWidthFactor: 0.8,
  abrBandWidthUpFactor: 0.6,
};
const FARTHEST = 1e9;

export interface Way {
  base_url: string;
  query: string;
}

/** Where the pictures come from: at the edge of the moment, or from further back, and which of the two. */
export class Tuner {
  private hls: Hls | null = null;
  /** Seconds behind that were asked for; 0 is live. */
  behindAsked = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly framed: boolean,
    private readonly broke: () => void,
  ) {}

  get isOpen(): boolean {
    return this.hls !== null || this.video.src !== "";
  }

  /** Of what is on the screen; null before that is known. */
  get moment(): Date | null {
    return this.hls?.playingDate ?? null;
  }

  get behind(): number {
    const moment = this.moment;
    if (moment) return Math.max(0, (Date.now() - moment.getTime()) / 1000);
    return this.hls?.latency ?? 0;
  }

  get rendition(): string {
    const level = this.hls?.levels[this.hls.currentLevel];
    return level?.height ? `${level.height}p` : "";
  }

  async open(way: Way, behind = 0): Promise<void> {
    this.close();
    this.behindAsked = behind;
    const { default: Player } = await import("hls.js");
    const list = `${way.base_url}${behind > 0 ? "rewind" : "master"}.m3u8`;
    if (!Player.isSupported()) {
      this.video.src = list;
      this.video.addEventListener("error", () => this.broke(), { once: true });
      return;
    }
    const back = { lowLatencyMode: false, liveSyncDuration: behind, liveMaxLatencyDuration: FARTHEST, backBufferLength: 60 };
    this.hls = new Player({ ...(behind > 0 ? back : LIVE), ...(this.framed ? signedBy(way.query) : {}) });
    this.hls.on(Player.Events.ERROR, (_event, data) => {
      if (data.fatal) this.broke();
    });
    this.hls.loadSource(list);
    this.hls.attachMedia(this.video);
  }

  close(): void {
    this.hls?.destroy();
    this.hls = null;
  }
}

/** A frame of another site is sent no cookies: there the signature stands in each address. */
function signedBy(query: string): object {
  return {
    xhrSetup: (request: XMLHttpRequest, url: string) => request.open("GET", `${url}${url.includes("?") ? "&" : "?"}${query}`, true),
  };
}
