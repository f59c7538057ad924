import { Controls } from "../player/controls";
import { Grants } from "../player/grants";
import { Memory } from "../player/memory";
import { Seekbar } from "../player/seekbar";
import { mediaSession } from "../player/session";
import { Source } from "../player/source";
import { clock, make, type Playback } from "../player/view";
import { saying } from "../core/said";

/** A film or a sound on a page: our controls over the browser's player, fed while somebody watches. */
export function start(element: HTMLElement): void {
  const media = element.querySelector<HTMLMediaElement>("video, audio");
  const told = element.dataset.playback;
  if (!media || !told) return;
  const playback = JSON.parse(told) as Playback;
  const say = saying(element);
  const grants = new Grants(playback.renew, playback.expires_at, (problem) => {
    media.pause();
    source.close();
    say(problem.status === 401 ? "You were signed out. Sign in to go on watching." : `You can no longer watch this. ${problem.message}`);
  });
  const source: Source = new Source(playback, media, grants, say, () => controls.refresh());
  const seekbar = new Seekbar(playback, media, async () => grants.isOpen || grants.renew());
  media.controls = false;
  media.tabIndex = -1;
  element.tabIndex = 0;
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", `Player: ${playback.title}`);
  const controls = new Controls(element, playback, media, source, seekbar);
  (element.querySelector(".player__body") ?? element).append(controls.element);
  element.dataset.ready = "";
  const memory = new Memory(playback, media);
  mediaSession(playback, media);
  media.addEventListener("play", () => grants.watch(true));
  media.addEventListener("pause", () => grants.watch(false));
  addEventListener("online", () => void grants.renew());
  void seekbar.drawWave();
  openWhenWanted(element, media, grants, source, memory.start);
}

/** Nothing is fetched before somebody wants to watch: then from where they stopped. */
function openWhenWanted(element: HTMLElement, media: HTMLMediaElement, grants: Grants, source: Source, at: number): void {
  let opened: Promise<void> | undefined;
  const open = (): Promise<void> => (opened ??= (grants.isOpen ? Promise.resolve(true) : grants.renew()).then(() => source.open(at)));
  if (media instanceof HTMLAudioElement) {
    void open();
  } else {
    const big = make("button", "player__start", { type: "button", "aria-label": at > 0 ? `Go on at ${clock(at)}` : "Play" });
    big.innerHTML = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M7 4.500v15l12-7.500z" fill="currentColor"/></svg>';
    if (at > 0) {
      const words = make("span", "player__from");
      words.textContent = `Go on at ${clock(at)}`;
      big.append(words);
    }
    big.addEventListener("click", () => void media.play().catch(() => undefined));
    element.append(big);
    const begin = (): void => {
      big.remove();
      // Giving a film its source stops it, as the standard says: the wish to play is said again.
      void open().then(() => media.play().catch(() => undefined));
    };
    media.addEventListener("play", begin, { once: true });
    // Who is about to press it waits less.
    for (const name of ["pointerenter", "focusin", "touchstart"]) element.addEventListener(name, () => void open(), { once: true, passive: true });
  }
  media.addEventListener("play", () => {
    if (!grants.isOpen) void grants.renew();
  });
}
