import { call } from "../core/api";
import { busy, words } from "../core/said";
import { toast } from "../core/toast";

const SECONDS = 30;

interface Clip {
  id: string;
}

/** Keeps the last half minute of what one watches. */
export function start(element: HTMLElement): void {
  const button = element as HTMLButtonElement;
  button.addEventListener("click", () =>
    void busy(button, async () => {
      try {
        const made = await call<Clip>("POST", `/streams/${button.dataset.stream}/clips`, { seconds: SECONDS, ...where() });
        toast("Your clip is being cut.", { href: `${button.dataset.clips}${made.id}`, label: "See it" });
      } catch (error) {
        toast(words(error, "The clip was not cut. Try again."));
      }
    }),
  );
}

/** In a recording the place; in a stream the moment, as far behind as one watches. */
function where(): object {
  const film = document.querySelector<HTMLVideoElement>(".stage-replay video");
  if (film) return { from_ms: Math.max(0, Math.round((film.currentTime - SECONDS) * 1000)) };
  const seek = document.querySelector<HTMLInputElement>("[data-stage-seek]");
  const behind = -Number(seek?.value ?? 0);
  return { ends_at: new Date(Date.now() - behind * 1000).toISOString() };
}
