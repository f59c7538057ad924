import { Grants } from "../player/grants";
import { button, make } from "../player/view";

/** Pictures over the page, one after the other. Without a script each opens as a page of its own. */
export function start(element: HTMLElement): void {
  const links = [...element.querySelectorAll<HTMLAnchorElement>("a[data-wide]")];
  const { renew = "", expires = "" } = element.dataset;
  const grants = new Grants(renew, expires, () => undefined);
  mendLatePictures(element, grants);
  links.forEach((link, number) => {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      open(links, number, grants);
    });
  });
}

/** A picture that is scrolled to after a minute finds its way closed: it is opened anew and fetched again. */
function mendLatePictures(element: HTMLElement, grants: Grants): void {
  const tried = new WeakSet<HTMLImageElement>();
  element.addEventListener(
    "error",
    (event) => {
      const image = event.target;
      if (!(image instanceof HTMLImageElement) || tried.has(image)) return;
      tried.add(image);
      void grants.renew().then((isOpen) => {
        if (!isOpen) return;
        const { srcset, src } = image;
        image.loading = "eager";
        image.srcset = "";
        image.src = src;
        if (srcset) image.srcset = srcset;
      });
    },
    true,
  );
}

function open(links: HTMLAnchorElement[], first: number, grants: Grants): void {
  const dialog = make("dialog", "lightbox", { "aria-label": "Picture" });
  const image = make("img", "lightbox__picture");
  const count = make("p", "lightbox__count", { "aria-live": "polite" });
  const problem = make("p", "lightbox__problem", { role: "alert", hidden: "" });
  let at = first;
  const show = async (number: number): Promise<void> => {
    at = (number + links.length) % links.length;
    const link = links[at];
    if (!link) return;
    if (!grants.isOpen) await grants.renew();
    problem.hidden = true;
    image.alt = link.querySelector("img")?.alt ?? "";
    image.width = Number(link.dataset.wide);
    image.height = Number(link.dataset.high);
    image.src = link.href;
    count.textContent = links.length > 1 ? `${at + 1} of ${links.length}` : "";
  };
  image.addEventListener("error", () => {
    problem.textContent = "This picture did not arrive. Close it and try again.";
    problem.hidden = false;
  });
  const close = button("Close", "", () => dialog.close());
  close.textContent = "✕";
  dialog.append(image, problem, count, close);
  if (links.length > 1) {
    const back = button("Previous", "", () => void show(at - 1));
    const next = button("Next", "", () => void show(at + 1));
    back.textContent = "‹";
    next.textContent = "›";
    back.classList.add("lightbox__back");
    next.classList.add("lightbox__next");
    dialog.append(back, next);
  }
  close.classList.add("lightbox__close");
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") void show(at - 1);
    else if (event.key === "ArrowRight") void show(at + 1);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  swipes(dialog, (by) => void show(at + by));
  dialog.addEventListener("close", () => {
    dialog.remove();
    links[at]?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  void show(first);
}

function swipes(element: HTMLElement, move: (by: number) => void): void {
  let from = 0;
  element.addEventListener("touchstart", (event) => void (from = event.touches[0]?.clientX ?? 0), { passive: true });
  element.addEventListener("touchend", (event) => {
    const way = (event.changedTouches[0]?.clientX ?? from) - from;
    if (Math.abs(way) > 60) move(way > 0 ? -1 : 1);
  });
}
