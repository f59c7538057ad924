import { problemIn } from "../core/api";
import { busy, saying, words } from "../core/said";

interface Shape {
  width: number;
  height: number;
}

// The largest that the server keeps.
const AVATAR: Shape = { width: 512, height: 512 };
const BANNER: Shape = { width: 1600, height: 533 };
// Of a podcast: directories ask for 1,400 to 3,000 a side, and a JPEG of this one fits what may be sent.
const COVER: Shape = { width: 2000, height: 2000 };
const SHAPES: Record<string, Shape> = { banner: BANNER, cover: COVER };
const QUALITY = 0.9;

/** Shows the chosen picture at once, makes it small, and sends it with its progress. */
export function start(element: HTMLElement): void {
  const form = element.querySelector<HTMLFormElement>("form[enctype]");
  const field = form?.querySelector<HTMLInputElement>("input[type=file]");
  const button = form?.querySelector<HTMLButtonElement>("button");
  if (!form || !field || !button) return;
  const say = saying(element);
  const shape = SHAPES[element.dataset.kind ?? ""] ?? AVATAR;
  field.addEventListener("change", () => {
    say("");
    void preview(element, field.files?.[0]);
  });
  form.addEventListener("submit", (event) => {
    const file = field.files?.[0];
    if (!file) return;
    event.preventDefault();
    void busy(button, async () => {
      say("");
      try {
        await send(element, await madeSmall(file, shape));
        location.reload();
      } catch (error) {
        say(words(error, "This picture cannot be read. Choose another."));
      }
    });
  });
}

async function preview(element: HTMLElement, file: File | undefined): Promise<void> {
  const shown = element.querySelector<HTMLElement>("[data-preview] :is(.avatar, .looks__picture)");
  if (!shown || !file) return;
  const image = new Image();
  image.alt = "";
  image.src = URL.createObjectURL(file);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src));
  if (shown.matches("img")) {
    image.className = shown.className;
    shown.replaceWith(image);
  } else shown.replaceChildren(image);
}

/** What is cut from its middle, upright: a photo of a phone is larger than what we take. */
async function madeSmall(file: File, shape: Shape): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const cut = Math.min(picture.width / shape.width, picture.height / shape.height);
  const scale = Math.max(cut, 1);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round((shape.width * cut) / scale);
  canvas.height = Math.round((shape.height * cut) / scale);
  const [width, height] = [shape.width * cut, shape.height * cut];
  const [left, top] = [(picture.width - width) / 2, (picture.height - height) / 2];
  canvas.getContext("2d")?.drawImage(picture, left, top, width, height, 0, 0, canvas.width, canvas.height);
  picture.close();
  const type = file.type === "image/png" && shape !== COVER ? "image/png" : "image/jpeg";
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), type, QUALITY);
  });
}

/** `fetch` tells no progress of what it sends, so this is the older way. */
function send(element: HTMLElement, picture: Blob): Promise<void> {
  const bar = element.querySelector<HTMLProgressElement>("[data-progress]");
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("PUT", element.dataset.to ?? "/api/v1/me/avatar");
    request.setRequestHeader("Content-Type", picture.type);
    request.upload.addEventListener("progress", (event) => {
      if (!bar || !event.lengthComputable) return;
      bar.hidden = false;
      bar.value = (event.loaded / event.total) * 100;
    });
    request.addEventListener("loadend", () => {
      if (bar) bar.hidden = true;
      if (request.status >= 200 && request.status < 300) done();
      else failed(problemIn(request.status, request.responseText));
    });
    request.send(picture);
  });
}
