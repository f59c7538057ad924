import type { Playback } from "./view";
import { clock, make, spoken } from "./view";

interface Cell {
  begin: number;
  end: number;
  sheet: string;
  place: [number, number, number, number];
}

const STEP_SECONDS = 5;
const WAVE_POINTS = 160;

/** The line to seek on: with small pictures of a film, or drawn as a sound's wave. A slider for keyboards and readers. */
export class Seekbar {
  readonly element = make("div", "seek", { role: "slider", tabindex: "0", "aria-label": "Position", "aria-valuemin": "0" });
  private readonly done = make("div", "seek__done");
  private readonly loaded = make("div", "seek__loaded");
  private readonly hint = make("div", "seek__hint", { hidden: "", "aria-hidden": "true" });
  private readonly hintTime = make("span", "seek__time");
  private readonly picture = make("canvas", "seek__picture");
  private cells: Cell[] | undefined;
  private readonly sheets = new Map<string, HTMLImageElement>();
  private wave: SVGSVGElement | undefined;
  private dragging = false;

  constructor(
    private readonly playback: Playback,
    private readonly media: HTMLMediaElement,
    private readonly ready: () => Promise<boolean>,
  ) {
    const track = make("div", "seek__track");
    track.append(this.loaded, this.done);
    this.hint.append(this.picture, this.hintTime);
    this.element.append(track, this.hint);
    this.listen();
    this.draw();
  }

  private get length(): number {
    return Number.isFinite(this.media.duration) && this.media.duration > 0 ? this.media.duration : this.playback.duration_ms / 1000;
  }

  async drawWave(): Promise<void> {
    if (!this.playback.waveform || !(await this.ready())) return;
    const answer = await fetch(this.playback.waveform).catch(() => undefined);
    if (!answer?.ok) return;
    const heights = gathered((await answer.json()) as number[], WAVE_POINTS);
    const bars = heights.map((height, at) => {
      const high = Math.max(4, height);
      return `<rect x="${at * 4}" y="${(100 - high) / 2}" width="2.6" height="${high}" rx="1.3"/>`;
    });
    const line = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    line.setAttribute("viewBox", `0 0 ${heights.length * 4} 100`);
    line.setAttribute("preserveAspectRatio", "none");
    line.setAttribute("class", "seek__wave");
    line.setAttribute("aria-hidden", "true");
    line.innerHTML = bars.join("");
    this.element.classList.add("seek--wave");
    this.element.prepend(line);
    this.wave = line;
    this.draw();
  }

  draw = (): void => {
    const { length, media } = this;
    const at = Math.min(media.currentTime, length);
    const share = length > 0 ? at / length : 0;
    this.done.style.setProperty("inline-size", `${share * 100}%`);
    const ahead = bufferedTo(media);
    this.loaded.style.setProperty("inline-size", `${length > 0 ? Math.min(100, (ahead / length) * 100) : 0}%`);
    this.element.setAttribute("aria-valuemax", String(Math.round(length)));
    this.element.setAttribute("aria-valuenow", String(Math.round(at)));
    this.element.setAttribute("aria-valuetext", `${spoken(at)} of ${spoken(length)}`);
    if (!this.wave) return;
    const heard = Math.round(share * this.wave.childElementCount);
    [...this.wave.children].forEach((bar, number) => bar.classList.toggle("is-heard", number < heard));
  };

  private listen(): void {
    const { element, media } = this;
    for (const name of ["timeupdate", "durationchange", "progress", "seeking", "loadedmetadata"]) media.addEventListener(name, this.draw);
    element.addEventListener("pointerdown", (event) => {
      this.dragging = true;
      element.setPointerCapture(event.pointerId);
      this.go(event);
    });
    element.addEventListener("pointermove", (event) => {
      if (this.dragging) this.go(event);
      this.show(event);
    });
    const end = (): void => {
      this.dragging = false;
      this.hint.hidden = true;
    };
    element.addEventListener("pointerup", end);
    element.addEventListener("pointercancel", end);
    element.addEventListener("pointerleave", () => (this.hint.hidden = true));
    element.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -STEP_SECONDS, ArrowRight: STEP_SECONDS, PageDown: -60, PageUp: 60 }[event.key];
      if (step !== undefined) media.currentTime = Math.min(this.length, Math.max(0, media.currentTime + step));
      else if (event.key === "Home") media.currentTime = 0;
      else if (event.key === "End") media.currentTime = Math.max(0, this.length - 1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  private secondsAt(event: PointerEvent): number {
    const box = this.element.getBoundingClientRect();
    const share = (event.clientX - box.left) / Math.max(1, box.width);
    const turned = getComputedStyle(this.element).direction === "rtl" ? 1 - share : share;
    return Math.min(1, Math.max(0, turned)) * this.length;
  }

  private go(event: PointerEvent): void {
    if (this.length > 0) this.media.currentTime = this.secondsAt(event);
  }

  private show(event: PointerEvent): void {
    if (this.length <= 0) return;
    const seconds = this.secondsAt(event);
    const box = this.element.getBoundingClientRect();
    this.hint.hidden = false;
    this.hintTime.textContent = clock(seconds);
    const half = this.hint.offsetWidth / 2;
    const left = Math.min(Math.max(event.clientX - box.left, half), box.width - half);
    this.hint.style.setProperty("left", `${left}px`);
    void this.paint(seconds);
  }

  private async paint(seconds: number): Promise<void> {
    this.cells ??= await this.readCells();
    const cell = this.cells.find((each) => seconds >= each.begin && seconds < each.end) ?? this.cells.at(-1);
    this.picture.hidden = cell === undefined;
    if (!cell) return;
    let sheet = this.sheets.get(cell.sheet);
    if (!sheet) {
      sheet = new Image();
      sheet.src = cell.sheet;
      this.sheets.set(cell.sheet, sheet);
    }
    const [x, y, width, height] = cell.place;
    const draw = (): void => {
      this.picture.width = width;
      this.picture.height = height;
      this.picture.getContext("2d")?.drawImage(sheet, x, y, width, height, 0, 0, width, height);
    };
    if (sheet.complete && sheet.naturalWidth) draw();
    else sheet.addEventListener("load", draw, { once: true });
  }

  private async readCells(): Promise<Cell[]> {
    const index = this.playback.storyboard;
    if (!index || !(await this.ready())) return [];
    const answer = await fetch(index).catch(() => undefined);
    return answer?.ok ? cellsIn(await answer.text(), index) : [];
  }
}

/** The index of a storyboard: WebVTT whose words are `sheet.jpg#xywh=x,y,w,h`. */
export function cellsIn(text: string, index: string): Cell[] {
  const cells: Cell[] = [];
  const found = text.matchAll(/(\d+):(\d\d):(\d\d\.\d+) --> (\d+):(\d\d):(\d\d\.\d+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g);
  for (const [, h1, m1, s1, h2, m2, s2, sheet, ...place] of found) {
    const seconds = (h?: string, m?: string, s?: string): number => Number(h) * 3600 + Number(m) * 60 + Number(s);
    const [x = 0, y = 0, width = 0, height = 0] = place.map(Number);
    const base = new URL(index, location.href);
    cells.push({ begin: seconds(h1, m1, s1), end: seconds(h2, m2, s2), sheet: new URL(sheet ?? "", base).href, place: [x, y, width, height] });
  }
  return cells;
}

function gathered(heights: number[], points: number): number[] {
  if (heights.length <= points) return heights;
  return Array.from({ length: points }, (_, at) => {
    const part = heights.slice(Math.floor((at * heights.length) / points), Math.floor(((at + 1) * heights.length) / points));
    return Math.max(0, ...part);
  });
}

function bufferedTo(media: HTMLMediaElement): number {
  for (let at = 0; at < media.buffered.length; at++) {
    if (media.buffered.start(at) <= media.currentTime + 0.5 && media.buffered.end(at) >= media.currentTime) return media.buffered.end(at);
  }
  return media.currentTime;
}
