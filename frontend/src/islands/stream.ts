import type Hls from "hls.js";
import { call, Problem } from "../core/api";
import { on } from "../core/socket";

interface Playback {
  hls: string;
  expires_at: string;
}

const RENEW_MS = 20_000;
const TRY_AGAIN_MS = 4_000;
const BEHIND_SECONDS = 10;
/** What was measured to stay nearest to the moment without stalling on a bad line. */
const SETTINGS = {
  lowLatencyMode: true,
  liveSyncDuration: 1.6,
  liveMaxLatencyDuration: 8,
  maxLiveSyncPlaybackRate: 1.3,
  abrEwmaFastLive: 1,
  abrEwmaSlowLive: 3,
  abrBandWidthFactor: 0.8,
  abrBandWidthUpFactor: 0.6,
};

/** Plays a stream, waits for it, and says honestly what is the matter. The way to the pictures is asked for anew while one watches. */
export function start(element: HTMLElement): void {
  new Stage(element).begin();
}

class Stage {
  private readonly id: string;
  private readonly video: HTMLVideoElement;
  private hls: Hls | null = null;
  private playing = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly place: HTMLElement) {
    this.id = place.dataset.stream ?? "";
    this.video = this.part<HTMLVideoElement>("video");
  }

  begin(): void {
    this.video.addEventListener("playing", () => this.plays());
    this.video.addEventListener("waiting", () => this.edge());
    this.video.addEventListener("volumechange", () => (this.sound.hidden = !this.video.muted));
    this.video.addEventListener("timeupdate", () => this.edge());
    this.sound.addEventListener("click", () => {
      this.video.muted = false;
      void this.video.play();
    });
    this.edgeButton.addEventListener("click", () => this.toEdge());
    on<{ type: "chat"; events: { kind: string }[] }>("chat", ({ events }) => {
      if (events.some((each) => each.kind === "system")) this.soon(0); // it began, came back, or is over
    });
    this.soon(0);
  }

  private soon(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), wait);
  }

  private async look(): Promise<void> {
    const source = document.referrer ? new URL(document.referrer).hostname : "";
    try {
      const found = await call<Playback>("GET", `/streams/${this.id}/playback?viewer=${viewer()}&source=${encodeURIComponent(source)}`);
      if (!this.playing) await this.play(found);
      this.soon(RENEW_MS);
    } catch (error) {
      this.refused(error);
    }
  }

  private refused(error: unknown): void {
    const status = error instanceof Problem ? error.status : 0;
    if (status === 409) {
      if (this.playing && error instanceof Problem && error.message.includes("over")) this.stop(error.message);
      this.soon(TRY_AGAIN_MS);
    } else if (status === 403 || status === 401) {
      this.stop(error instanceof Problem ? error.message : "");
    } else {
      this.soon(TRY_AGAIN_MS);
    }
  }

  private async play(found: Playback): Promise<void> {
    this.playing = true;
    this.say("Tuning in …");
    const { default: Player } = await import("hls.js");
    if (Player.isSupported()) {
      this.hls = new Player(SETTINGS);
      this.hls.on(Player.Events.ERROR, (_event, data) => {
        if (data.fatal) this.again();
      });
      this.hls.loadSource(found.hls);
      this.hls.attachMedia(this.video);
    } else {
      this.video.src = found.hls;
      this.video.addEventListener("error", () => this.again(), { once: true });
    }
    this.video.play().catch(() => this.say("Press play."));
  }

  /** The line or the stream broke: begin anew, without the page jumping. */
  private again(): void {
    this.hls?.destroy();
    this.hls = null;
    this.playing = false;
    this.say("The picture is gone for a moment. It comes back by itself.");
    this.soon(TRY_AGAIN_MS);
  }

  private stop(words: string): void {
    clearTimeout(this.timer);
    this.hls?.destroy();
    this.hls = null;
    this.playing = false;
    this.video.removeAttribute("src");
    this.video.load();
    this.say(words);
  }

  private plays(): void {
    this.say("");
    this.sound.hidden = !this.video.muted;
  }

  private edge(): void {
    const latency = this.hls?.latency ?? 0;
    this.edgeButton.hidden = latency < BEHIND_SECONDS;
  }

  private toEdge(): void {
    const edge = this.hls?.liveSyncPosition;
    if (edge) this.video.currentTime = edge;
    void this.video.play();
  }

  private say(words: string): void {
    this.part("[data-stage-words]").textContent = words;
    this.part("[data-stage-over]").hidden = words === "";
  }

  private get sound(): HTMLElement {
    return this.part("[data-stage-sound]");
  }

  private get edgeButton(): HTMLElement {
    return this.part("[data-stage-edge]");
  }

  private part<E extends HTMLElement = HTMLElement>(selector: string): E {
    const found = this.place.querySelector<E>(selector);
    if (!found) throw new Error(`the stage lacks ${selector}`);
    return found;
  }
}

/** A name for this browser on this site, so that a stranger counts once. */
function viewer(): string {
  const known = localStorage.getItem("df-viewer");
  if (known) return known;
  const made = crypto.randomUUID();
  localStorage.setItem("df-viewer", made);
  return made;
}
