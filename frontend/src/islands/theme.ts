/** Shows a choice at once; the form saves it. */
export function start(form: HTMLElement): void {
  form.addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement)) return;
    const root = document.documentElement;
    if (field.name === "theme") root.dataset.theme = field.value;
    if (field.name === "text") root.dataset.text = field.value;
  });
}
