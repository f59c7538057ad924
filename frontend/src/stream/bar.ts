const LONGEST_BACK_SECONDS = 6 * 3600;
const LIVE_WITHIN_SECONDS = 12;

export interface Wishes {
  rewind(behind: number): void;
  live(): void;
}

/** The controls under a stream: play, sound, rewind, back to live, the whole screen. */
export class Bar {
  private dragging = false;

  constructor(
    private readonly place: HTMLElement,
    private readonly video: HTMLVideoElement,
    private readonly began: number,
    private readonly wishes: Wishes,
  ) {
    this.on("[data-stage-play]", () => (video.paused ? this.play() : video.pause()));
    this.on("[data-stage-sound]", () => this.sound());
    this.on("[data-stage-edge]", () => wishes.live());
    this.on("[data-stage-whole]", () => this.whole());
    this.seek.addEventListener("input", () => {
      this.dragging = true;
      const behind = -Number(this.seek.value);
      this.tell(behind, behind < LIVE_WITHIN_SECONDS);
    });
    this.seek.addEventListener("change", () => {
      this.dragging = false;
      const behind = -Number(this.seek.value);
      if (behind < LIVE_WITHIN_SECONDS) wishes.live();
      else wishes.rewind(behind);
    });
    for (const name of ["play", "pause", "volumechange"]) video.addEventListener(name, () => this.look());
    video.addEventListener("click", () => (video.muted ? this.sound() : video.paused ? this.play() : video.pause()));
  }

  back(seconds: () => number): void {
    this.on("[data-stage-back]", () => this.wishes.rewind(seconds() + 15));
  }

  /** How far behind the moment it plays now; `isBack` where somebody asked for that. */
  show(behind: number, isBack: boolean): void {
    this.place.querySelector<HTMLElement>("[data-stage-bar]")?.removeAttribute("hidden");
    const most = Math.min(LONGEST_BACK_SECONDS, Math.max(0, (Date.now() - this.began) / 1000));
    this.seek.min = String(-Math.floor(most));
    if (!this.dragging) {
      const isLive = !isBack && behind < LIVE_WITHIN_SECONDS;
      this.seek.value = String(isLive ? 0 : -Math.round(behind));
      this.tell(behind, isLive);
    }
    this.look();
  }

  private tell(behind: number, isLive: boolean): void {
    const seconds = Math.round(behind);
    const words = isLive ? "" : `−${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    this.part("[data-stage-behind]").textContent = words;
    this.seek.setAttribute("aria-valuetext", isLive ? "live" : `${seconds} seconds behind`);
    const edge = this.part<HTMLButtonElement>("[data-stage-edge]");
    edge.toggleAttribute("data-is-live", isLive);
    edge.setAttribute("aria-label", isLive ? "Live" : "Back to live");
  }

  private look(): void {
    this.part("[data-stage-play]").setAttribute("aria-label", this.video.paused ? "Play" : "Pause");
    this.part("[data-stage-play]").toggleAttribute("data-pressed", this.video.paused);
    const sound = this.part("[data-stage-sound]");
    sound.setAttribute("aria-label", this.video.muted ? "Switch the sound on" : "Switch the sound off");
    sound.toggleAttribute("data-pressed", this.video.muted);
  }

  private sound(): void {
    this.video.muted = !this.video.muted;
    if (this.video.paused) this.play();
  }

  /** Loading something else meanwhile ends the wish; that is no problem to tell. */
  private play(): void {
    this.video.play().catch(() => undefined);
  }

  private whole(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.place.requestFullscreen?.();
  }

  private on(selector: string, press: () => void): void {
    this.part(selector).addEventListener("click", press);
  }

  private get seek(): HTMLInputElement {
    return this.part<HTMLInputElement>("[data-stage-seek]");
  }

  private part<E extends HTMLElement = HTMLElement>(selector: string): E {
    const found = this.place.querySelector<E>(selector);
    if (!found) throw new Error(`the stage lacks ${selector}`);
    return found;
  }
}
