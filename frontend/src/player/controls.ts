import { chosen } from "./memory";
import type { Part } from "./menus";
import { Menu } from "./menus";
import type { Seekbar } from "./seekbar";
import type { Source } from "./source";
import type { Playback } from "./view";
import { button, clock, look, make } from "./view";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const QUIET_MS = 2_500;

/** The bar under a film or a sound, and the keys. */
export class Controls {
  readonly element = make("div", "player__bar");
  private readonly play: HTMLButtonElement;
  private readonly mute: HTMLButtonElement;
  private readonly time = make("span", "player__clock", { "aria-hidden": "true" });
  private readonly words: Menu;
  private readonly more: Menu;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly playback: Playback,
    private readonly media: HTMLMediaElement,
    private readonly source: Source,
    seekbar: Seekbar,
  ) {
    this.play = button("Play", "play", () => this.toggle());
    this.mute = button("Mute", "sound", () => (media.muted = !media.muted));
    this.words = new Menu("Subtitles", "words", () => [this.subtitles()]);
    this.more = new Menu("Speed and quality", "settings", () => [this.speeds(), this.qualities()]);
    this.words.show(media instanceof HTMLVideoElement && playback.tracks.length > 0);
    const right = make("div", "player__group");
    right.append(this.mute, this.volume(), this.words.element, this.more.element, ...this.windows());
    const left = make("div", "player__group");
    left.append(this.play, this.time);
    const row = make("div", "player__row");
    row.append(left, right);
    this.element.append(seekbar.element, row);
    this.restore();
    this.listen();
  }

  toggle(): void {
    if (this.media.paused) void this.media.play().catch(() => undefined);
    else this.media.pause();
  }

  /** What the source learned meanwhile. */
  refresh(): void {
    this.more.mark(this.source.quality >= 0 || this.media.playbackRate !== 1);
  }

  private restore(): void {
    this.media.playbackRate = chosen.speed;
    this.media.defaultPlaybackRate = chosen.speed;
    this.media.volume = chosen.volume;
    const language = chosen.words;
    if (language) this.choose(language);
    this.tell();
  }

  private listen(): void {
    const { media, root } = this;
    for (const name of ["play", "pause", "ended", "timeupdate", "durationchange", "volumechange", "ratechange", "waiting", "playing"]) {
      media.addEventListener(name, () => this.tell());
    }
    media.addEventListener("volumechange", () => (chosen.volume = media.volume));
    media.addEventListener("ratechange", () => (chosen.speed = media.playbackRate));
    if (media instanceof HTMLVideoElement) {
      media.addEventListener("click", () => this.toggle());
      media.addEventListener("dblclick", () => this.wholeScreen());
    }
    root.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["pointermove", "keydown", "focusin", "touchstart"]) root.addEventListener(name, () => this.wake(), { passive: true });
    this.wake();
  }

  private tell(): void {
    const { media } = this;
    const length = Number.isFinite(media.duration) && media.duration > 0 ? media.duration : this.playback.duration_ms / 1000;
    look(this.play, media.paused ? "Play" : "Pause", media.paused ? "play" : "pause");
    look(this.mute, media.muted || media.volume === 0 ? "Sound on" : "Mute", media.muted || media.volume === 0 ? "mute" : "sound");
    this.time.textContent = `${clock(media.currentTime)} / ${clock(length)}`;
    this.root.classList.toggle("is-playing", !media.paused);
    this.root.classList.toggle("is-waiting", !media.paused && media.readyState < 3);
    this.refresh();
  }

  /** The bar steps back while somebody only watches. */
  private wake(): void {
    this.root.classList.remove("is-quiet");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const busy = this.words.isOpen || this.more.isOpen || this.element.matches(":has(:focus-visible)");
      if (!this.media.paused && !busy) this.root.classList.add("is-quiet");
    }, QUIET_MS);
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const onButton = event.target instanceof HTMLButtonElement || event.target instanceof HTMLInputElement;
    if (onButton && (event.key === " " || event.key === "Enter" || event.key.startsWith("Arrow"))) return;
    const { media } = this;
    const jump = { j: -10, l: 10, ArrowLeft: -5, ArrowRight: 5 }[event.key];
    const louder = { ArrowUp: 0.05, ArrowDown: -0.05 }[event.key];
    if (event.key === " " || event.key === "k") this.toggle();
    else if (jump !== undefined) media.currentTime = Math.max(0, media.currentTime + jump);
    else if (louder !== undefined) media.volume = Math.min(1, Math.max(0, media.volume + louder));
    else if (event.key === "m") media.muted = !media.muted;
    else if (event.key === "f") this.wholeScreen();
    else if (event.key === "c") this.choose(chosen.words ? "" : (this.playback.tracks[0]?.language ?? ""));
    else if (event.key === "p") this.inPicture();
    else if (event.key === "<" || event.key === ">") this.faster(event.key === ">" ? 1 : -1);
    else if (/^[0-9]$/.test(event.key) && media.duration) media.currentTime = (Number(event.key) / 10) * media.duration;
    else return;
    event.preventDefault();
  }

  private volume(): HTMLInputElement {
    const slider = make("input", "player__volume", { type: "range", min: "0", max: "1", step: "0.05", "aria-label": "Volume" });
    const show = (): void => void (slider.value = String(this.media.muted ? 0 : this.media.volume));
    slider.addEventListener("input", () => {
      this.media.volume = Number(slider.value);
      this.media.muted = false;
    });
    this.media.addEventListener("volumechange", show);
    show();
    return slider;
  }

  private windows(): HTMLButtonElement[] {
    if (!(this.media instanceof HTMLVideoElement)) return [];
    const made: HTMLButtonElement[] = [];
    if (document.pictureInPictureEnabled) made.push(button("Small window", "small", () => this.inPicture()));
    made.push(button("Whole screen", "whole", () => this.wholeScreen()));
    return made;
  }

  private inPicture(): void {
    if (!(this.media instanceof HTMLVideoElement) || !document.pictureInPictureEnabled) return;
    const leaving = document.pictureInPictureElement === this.media;
    void (leaving ? document.exitPictureInPicture() : this.media.requestPictureInPicture()).catch(() => undefined);
  }

  private wholeScreen(): void {
    const video = this.media as HTMLVideoElement & { webkitEnterFullscreen?: () => void };
    if (!(video instanceof HTMLVideoElement)) return;
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (document.fullscreenEnabled) void this.root.requestFullscreen().catch(() => undefined);
    else video.webkitEnterFullscreen?.(); // phones of Apple let only the film itself
  }

  private speeds(): Part {
    const choices = SPEEDS.map((speed) => ({
      label: speed === 1 ? "Normal" : `${speed} x`,
      chosen: this.media.playbackRate === speed,
      choose: () => void (this.media.playbackRate = speed),
    }));
    return { title: "Speed", choices };
  }

  private faster(by: number): void {
    const at = SPEEDS.findIndex((speed) => speed >= this.media.playbackRate);
    this.media.playbackRate = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + by))] ?? 1;
  }

  private qualities(): Part {
    const choices = this.source.qualities.map(({ index, label }) => ({
      label,
      chosen: this.source.quality === index,
      choose: () => {
        this.source.quality = index;
        this.refresh();
      },
    }));
    return { title: "Quality", choices };
  }

  private subtitles(): Part {
    const off = { label: "Off", chosen: chosen.words === "", choose: () => this.choose("") };
    const tracks = this.playback.tracks.map(({ language, label }) => ({
      label,
      chosen: chosen.words === language,
      choose: () => this.choose(language),
    }));
    return { title: "Subtitles", choices: [off, ...tracks] };
  }

  private choose(language: string): void {
    chosen.words = language;
    let shown = false;
    for (const track of this.media.textTracks) {
      const fits: boolean = !shown && track.language === language && language !== "";
      track.mode = fits ? "showing" : "disabled";
      shown ||= fits;
    }
    this.words.mark(shown);
  }
}
