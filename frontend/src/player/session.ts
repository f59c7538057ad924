import type { Playback } from "./view";

const JUMP_SECONDS = 10;

/** The buttons of a lock screen, a headset and a keyboard, while it plays in the background. */
export function mediaSession(playback: Playback, media: HTMLMediaElement): void {
  if (!("mediaSession" in navigator)) return;
  const jump = (by: number): void => void (media.currentTime = Math.max(0, media.currentTime + by));
  const handlers: [MediaSessionAction, (details: MediaSessionActionDetails) => void][] = [
    ["play", () => void media.play()],
    ["pause", () => media.pause()],
    ["seekbackward", (details) => jump(-(details.seekOffset ?? JUMP_SECONDS))],
    ["seekforward", (details) => jump(details.seekOffset ?? JUMP_SECONDS)],
    ["seekto", (details) => void (media.currentTime = details.seekTime ?? media.currentTime)],
  ];
  media.addEventListener("play", () => {
    const artwork = playback.poster ? [{ src: playback.poster, type: "image/webp" }] : [];
    navigator.mediaSession.metadata = new MediaMetadata({ title: playback.title, artwork });
    for (const [action, handler] of handlers) {
      try {
        navigator.mediaSession.setActionHandler(action, handler);
      } catch {
        // Not every browser knows every action.
      }
    }
  });
  const tell = (): void => {
    if (!Number.isFinite(media.duration) || media.duration <= 0) return;
    navigator.mediaSession.setPositionState({
      duration: media.duration,
      playbackRate: media.playbackRate || 1,
      position: Math.min(media.currentTime, media.duration),
    });
  };
  for (const name of ["loadedmetadata", "seeked", "ratechange", "play", "pause"]) media.addEventListener(name, tell);
}
