import { fresh } from "../core/once";

/** A form with `data-own` is sent by an island, which says itself how that goes. */
export function forms(root: ParentNode): void {
  for (const form of fresh<HTMLFormElement>(root, "form[method=post]:not([data-own])", "minded")) {
    form.addEventListener("submit", (event) => sayBusy(form, event));
  }
  for (const button of fresh<HTMLButtonElement>(root, "button[data-reveal]", "reveals")) {
    button.addEventListener("click", () => reveal(button));
  }
  for (const field of fresh<HTMLTextAreaElement>(root, "textarea[maxlength][aria-describedby]", "counted")) {
    countLeft(field);
  }
}

// A page that comes back from the history is not busy any more.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const each of document.querySelectorAll("[aria-busy]")) each.removeAttribute("aria-busy");
});

/** A second press while the first is on its way does nothing. */
function sayBusy(form: HTMLFormElement, event: SubmitEvent): void {
  const button = event.submitter;
  if (form.querySelector("[aria-busy=true]")) {
    event.preventDefault();
    return;
  }
  if (button && !form.matches("[hx-post]") && !event.defaultPrevented) button.setAttribute("aria-busy", "true");
}

function reveal(button: HTMLButtonElement): void {
  const field = document.getElementById(button.dataset.reveal ?? "") as HTMLInputElement | null;
  if (!field) return;
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
  field.focus();
}

function countLeft(field: HTMLTextAreaElement): void {
  const place = document.getElementById(`${field.id}-left`);
  if (!place) return;
  const tell = (): void => {
    const left = field.maxLength - field.value.length;
    place.textContent = `${left} left`;
  };
  field.addEventListener("input", tell);
  tell();
}
