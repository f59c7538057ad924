import { call, Problem } from "../core/api";
import { begin, on } from "../core/socket";
import { Alerts } from "../stream/alerts";
import { Bar } from "../stream/bar";
import { Tuner, type Way } from "../stream/tuner";
import type { ChatEvent } from "./chat/types";

interface Playback extends Way {
  expires_at: string;
}

const RENEW_MS = 20_000;
const TRY_AGAIN_MS = 4_000;
const PAUSE_IS_REWIND_MS = 6_000;
/** What the chat tells at once on coming in lies in the past. */
const NEWS_AFTER_MS = 1_500;

/** Plays a stream, waits for it, and says honestly what is the matter. The way to the pictures is asked for anew while one watches. */
export function start(element: HTMLElement): void {
  new Stage(element).begin();
}

class Stage {
  private readonly id: string;
  private readonly video: HTMLVideoElement;
  private readonly tuner: Tuner;
  private readonly bar: Bar;
  private readonly framed: boolean;
  private playing = false;
  private way: Way | null = null;
  private pausedAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly place: HTMLElement) {
    this.id = place.dataset.stream ?? "";
    this.framed = place.dataset.framed !== undefined;
    this.video = this.part<HTMLVideoElement>("video");
    this.tuner = new Tuner(this.video, this.framed, () => this.again());
    const began = Date.parse(place.dataset.began ?? "") || Date.now();
    this.bar = new Bar(place, this.video, began, { rewind: (behind) => void this.rewind(behind), live: () => void this.rewind(0) });
    this.bar.back(() => this.tuner.behind);
  }

  begin(): void {
    this.video.addEventListener("playing", () => this.plays());
    this.video.addEventListener("timeupdate", () => this.tick());
    this.video.addEventListener("pause", () => (this.pausedAt = Date.now()));
    this.video.addEventListener("play", () => this.goesOn());
    const alerts = new Alerts(this.part("[data-stage-alert]"));
    let since = Date.now();
    on("hello", () => (since = Date.now()));
    on<{ type: "chat"; room: string; events: ChatEvent[] }>("chat", ({ room, events }) => {
      if (room !== `chat:${this.id.replaceAll("-", "")}`) return;
      alerts.hear(events, Date.now() - since > NEWS_AFTER_MS);
      if (events.some((each) => each.kind === "system")) this.soon(0); // it began, came back, or is over
    });
    if (!this.framed) begin(false);
    this.soon(0);
  }

  private soon(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), wait);
  }

  private async look(): Promise<void> {
    const source = this.framed ? "embed" : document.referrer ? new URL(document.referrer).hostname : "";
    const asked = `viewer=${viewer()}&source=${encodeURIComponent(source)}&rendition=${this.tuner.rendition}`;
    try {
      const found = await call<Playback>("GET", `/streams/${this.id}/playback?${asked}`);
      this.way = found;
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

  private async play(found: Way, behind = this.tuner.behindAsked): Promise<void> {
    this.playing = true;
    this.say("Tuning in …");
    await this.tuner.open(found, behind);
    this.video.play().catch((error: unknown) => {
      if ((error as Error).name === "NotAllowedError") this.say("Press play.");
    });
  }

  /** So many seconds behind the moment; 0 is live. The page stays as it is. */
  private async rewind(behind: number): Promise<void> {
    if (!this.way) return;
    const wasPaused = this.video.paused && behind > 0 && this.pausedAt > 0;
    await this.play(this.way, Math.max(0, Math.round(behind)));
    if (wasPaused) this.video.pause();
  }

  /** Who paused for longer goes on where they stopped, not where the others are. */
  private goesOn(): void {
    const paused = this.pausedAt ? Date.now() - this.pausedAt : 0;
    this.pausedAt = 0;
    if (this.tuner.behindAsked === 0 && paused > PAUSE_IS_REWIND_MS && this.tuner.isOpen) void this.rewind(this.tuner.behind);
  }

  private tick(): void {
    this.bar.show(this.tuner.behind, this.tuner.behindAsked > 0);
  }

  /** The line or the stream broke: begin anew where they were, without the page jumping. */
  private again(): void {
    if (this.tuner.behindAsked > 0) this.tuner.behindAsked = Math.round(this.tuner.behind);
    this.tuner.close();
    this.playing = false;
    this.say("The picture is gone for a moment. It comes back by itself.");
    this.soon(TRY_AGAIN_MS);
  }

  private stop(words: string): void {
    clearTimeout(this.timer);
    this.tuner.close();
    this.playing = false;
    this.video.removeAttribute("src");
    this.video.load();
    this.say(words);
  }

  private plays(): void {
    this.say("");
    const badge = document.querySelector("[data-stage-badge] .badge:not(.badge--live)");
    if (!badge) return;
    badge.className = "badge badge--live";
    badge.textContent = "Live";
    document.querySelector("form[action$='/reminder']")?.remove();
  }

  private say(words: string): void {
    this.part("[data-stage-words]").textContent = words;
    this.part("[data-stage-over]").hidden = words === "";
  }

  private part<E extends HTMLElement = HTMLElement>(selector: string): E {
    const found = this.place.querySelector<E>(selector);
    if (!found) throw new Error(`the stage lacks ${selector}`);
    return found;
  }
}

/** A name for this browser on this site, so that a stranger counts once. */
function viewer(): string {
  try {
    const known = localStorage.getItem("df-viewer");
    if (known) return known;
    const made = crypto.randomUUID();
    localStorage.setItem("df-viewer", made);
    return made;
  } catch {
    return crypto.randomUUID(); // a frame may keep nothing
  }
}
