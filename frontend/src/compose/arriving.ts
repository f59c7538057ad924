import { call, Problem } from "../core/api";
import { Board } from "../core/upload/board";
import type { Shown } from "./files";

const LOOK_MS = 3_000;

interface Wanted {
  add(each: Shown): void;
  remove(id: string): void;
  shown(): Shown[];
  redraw(): void;
}

interface Told {
  name: string;
  kind: string;
  state: string;
}

/** Files that are sent from where a post is written: in the post as soon as the server knows them, and followed until they are ready. */
export function arriving(form: HTMLFormElement, wanted: Wanted): void {
  const place = form.querySelector<HTMLElement>("[data-files]");
  const field = form.querySelector<HTMLInputElement>("[data-choose]");
  const said = form.querySelector<HTMLElement>("[data-files-said]");
  if (!place) return;
  const board = new Board(place, form.dataset.slug ?? "", {
    begun: (sent) => wanted.add(shownOf(sent.assetId, sent.file)),
    done: (sent) => {
      const there = wanted.shown().find((each) => each.asset_id === sent.assetId);
      if (there) there.state = "scanning";
      wanted.redraw();
      follow(form, wanted);
    },
    cancelled: (sent) => wanted.remove(sent.assetId),
  });
  const take = (files: Iterable<File>): void => {
    if (said) said.textContent = "";
    board.take(files);
  };
  field?.addEventListener("change", () => {
    take([...(field.files ?? [])]);
    field.value = "";
  });
  form.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
  dropped(form, place, take);
  follow(form, wanted);
}

function dropped(form: HTMLFormElement, place: HTMLElement, take: (files: Iterable<File>) => void): void {
  const brings = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  form.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    place.toggleAttribute("data-over", true);
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget as Node | null)) place.removeAttribute("data-over");
  });
  form.addEventListener("drop", (event) => {
    place.removeAttribute("data-over");
    if (!brings(event)) return;
    event.preventDefault();
    take([...(event.dataTransfer?.files ?? [])]);
  });
}

function shownOf(id: string, file: File): Shown {
  const kind = ["video", "audio", "image"].find((each) => file.type.startsWith(`${each}/`)) ?? "file";
  return { asset_id: id, name: file.name, kind, state: "uploading", caption: "", alt: "" };
}

let timer = 0;

/** What is not ready is asked for until it is. */
function follow(form: HTMLFormElement, wanted: Wanted): void {
  clearTimeout(timer);
  const open = wanted.shown().filter((each) => ["uploading", "scanning", "processing"].includes(each.state));
  if (open.length === 0) return;
  timer = window.setTimeout(() => {
    const asked = document.visibilityState === "visible" ? open.filter((each) => each.state !== "uploading") : [];
    void Promise.all(asked.map(look)).then(() => {
      if (asked.length > 0) wanted.redraw();
      follow(form, wanted);
    });
  }, LOOK_MS);
}

async function look(each: Shown): Promise<void> {
  try {
    const told = await call<Told>("GET", `/files/${each.asset_id}`);
    [each.name, each.kind, each.state] = [told.name, told.kind, told.state];
    delete each.progress;
    if (told.state === "processing") {
      const far = await call<{ progress: number; waiting: boolean }>("GET", `/files/${each.asset_id}/progress`);
      if (!far.waiting) each.progress = Math.round(far.progress * 100);
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}
