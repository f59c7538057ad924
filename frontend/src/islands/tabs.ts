/** On a narrow screen the tab of this page may lie outside its row. */
export function tabs(root: ParentNode): void {
  for (const row of root.querySelectorAll<HTMLElement>(".tabs")) {
    const here = row.querySelector<HTMLElement>("[aria-current]");
    if (here) row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
  }
}
