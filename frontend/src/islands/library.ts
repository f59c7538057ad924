const LOOK_MS = 3_000;

let timer: ReturnType<typeof setTimeout> | undefined;

/** While files are looked through or worked on, the list says how far they are. */
export function start(): void {
  document.addEventListener("visibilitychange", later);
  later();
}

export async function refresh(): Promise<void> {
  const list = document.querySelector("#files");
  if (!list || list.contains(document.activeElement)) return later();
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const name of ["#files", "#kept", "#unfinished"]) {
      const [old, fresh] = [document.querySelector(name), page.querySelector(name)];
      if (old && fresh && old.innerHTML !== fresh.innerHTML) old.replaceWith(document.adoptNode(fresh));
    }
  } catch {
    // The next look may find it.
  }
  later();
}

function later(): void {
  clearTimeout(timer);
  if (document.visibilityState === "visible" && document.querySelector("#files [data-busy]")) {
    timer = setTimeout(() => void refresh(), LOOK_MS);
  }
}
