import { problemIn } from "../core/api";
import { busy, saying, words } from "../core/said";

/** Sends a picture as it is: the server draws it anew. */
export function start(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  const say = saying(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const picture = data.get("picture");
    const button = form.querySelector("button");
    if (!(picture instanceof File) || !button) return;
    const rank = String(data.get("min_rank") ?? "");
    const address = `/api/v1/creators/${form.dataset.slug}/emotes/${encodeURIComponent(String(data.get("code")))}${rank ? `?min_rank=${rank}` : ""}`;
    void busy(button, async () => {
      say("");
      try {
        const answer = await fetch(address, { method: "PUT", body: picture, headers: { "Content-Type": picture.type } });
        if (!answer.ok) throw problemIn(answer.status, await answer.text());
        location.reload();
      } catch (error) {
        say(words(error, "The picture could not be sent. Try again."));
      }
    });
  });
}
