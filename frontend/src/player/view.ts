/** What the server tells a player of a file: `Playback` in the API. */
export interface Playback {
  asset_id: string;
  kind: "video" | "audio" | "image" | "document" | "file";
  title: string;
  renew: string;
  expires_at: string;
  duration_ms: number;
  playlist: string | null;
  sources: { src: string; mime: string }[];
  poster: string | null;
  storyboard: string | null;
  waveform: string | null;
  tracks: { src: string; language: string; label: string; kind: string }[];
  position_ms: number;
}

const PATHS: Record<string, string> = {
  play: '<path d="M7 4.5v15l12-7.5z" fill="currentColor"/>',
  pause: '<path d="M8 5v14M16 5v14" stroke-width="3.5"/>',
  sound: '<path d="M4 9.5v5h3.500L12 18.500v-13L7.500 9.500z" fill="currentColor"/><path d="M15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11"/>',
  mute: '<path d="M4 9.5v5h3.500L12 18.500v-13L7.500 9.500z" fill="currentColor"/><path d="m16 9.500 5 5M21 9.500l-5 5"/>',
  words: '<rect x="3" y="5" width="18" height="14" rx="2.2"/><path d="M10.500 10.500a2.200 2.200 0 1 0 0 3M17 10.500a2.200 2.200 0 1 0 0 3"/>',
  settings: '<path d="M4 7h9M18 7h2M4 17h2M11 17h9"/><circle cx="15.500" cy="7" r="2.500"/><circle cx="8.500" cy="17" r="2.500"/>',
  whole: '<path d="M4 9V4.500h4.500M15.500 4.500H20V9M20 15v4.500h-4.500M8.500 19.500H4V15"/>',
  small: '<rect x="3" y="5" width="18" height="14" rx="2.2"/><path d="M12.500 12.500h6v4.500h-6z" fill="currentColor"/>',
};

export function icon(name: string): string {
  return `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${PATHS[name] ?? ""}</svg>`;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** A button with a picture; its name is read out and shown when pointed at. */
export function button(name: string, picture: string, press: () => void): HTMLButtonElement {
  const made = make("button", "player__button", { type: "button" });
  look(made, name, picture);
  made.addEventListener("click", press);
  return made;
}

export function look(element: HTMLButtonElement, name: string, picture: string): void {
  element.setAttribute("aria-label", name);
  element.title = name;
  element.innerHTML = icon(picture);
}

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number: number): string => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** For a screen reader: "3 minutes 20 seconds". */
export function spoken(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const parts = ([[Math.floor(whole / 3600), "hour"], [Math.floor(whole / 60) % 60, "minute"], [whole % 60, "second"]] as const)
    .filter(([count, word]) => count > 0 || (word === "second" && whole < 60))
    .map(([count, word]) => `${count} ${word}${count === 1 ? "" : "s"}`);
  return parts.join(" ");
}
