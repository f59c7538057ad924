const STAYS_MS = 8000;

/** Words that pass, read out by a screen reader. They stay while someone points at them or is in them. */
export function toast(text: string, link?: { href: string; label: string }): void {
  const note = document.createElement("div");
  note.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  note.append(words);
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.href;
    anchor.textContent = link.label;
    note.append(anchor);
  }
  place().append(note);
  const leave = (): void => {
    if (note.matches(":hover, :focus-within")) setTimeout(leave, STAYS_MS);
    else note.remove();
  };
  setTimeout(leave, STAYS_MS);
}

function place(): HTMLElement {
  const known = document.querySelector<HTMLElement>(".toasts");
  if (known) return known;
  const made = document.createElement("div");
  made.className = "toasts";
  made.setAttribute("role", "status");
  document.body.append(made);
  return made;
}
