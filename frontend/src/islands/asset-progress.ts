import { call, Problem } from "../core/api";
import { on } from "../core/socket";

interface Progress {
  state: string;
  stage: string;
  progress: number;
  waiting: boolean;
  reason: string | null;
}

type News = Pick<Progress, "state" | "stage" | "progress"> & { type: "asset"; asset_id: string };

const ASK_MS = 4_000;
const SAID: Record<string, string> = {
  waiting: "It waits for its turn.",
  fetching: "We fetch the file.",
  looking: "We look at it.",
  pictures: "We make pictures of it.",
  sound: "We measure and convert the sound.",
  film: "We convert the film.",
  pages: "We draw its pages.",
  storing: "Almost there.",
};

/** How far the work on a file is: as it is told over the socket, and asked now and then in case the socket is away. */
export function start(element: HTMLElement): void {
  const bar = element.querySelector<HTMLProgressElement>("[data-bar]");
  const words = element.querySelector<HTMLElement>("[data-words]");
  const show = (told: Pick<Progress, "state" | "stage" | "progress">): void => {
    if (told.state === "ready" || told.state === "failed") return location.reload();
    if (bar) bar.value = Math.max(bar.value, told.progress);
    const said = SAID[told.stage];
    if (words && said && words.textContent !== said) words.textContent = said;
  };
  on<News>("asset", (news) => {
    if (news.asset_id === element.dataset.asset) show(news);
  });
  const ask = async (): Promise<void> => {
    try {
      if (document.visibilityState === "visible") show(await call<Progress>("GET", `/files/${element.dataset.asset}/progress`));
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return location.reload();
    }
    setTimeout(() => void ask(), ASK_MS);
  };
  setTimeout(() => void ask(), ASK_MS);
}
