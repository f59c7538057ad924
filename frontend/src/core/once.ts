/** The elements under `root` (itself included) that `selector` finds and this `mark` has not seen yet. */
export function fresh<E extends HTMLElement>(root: ParentNode, selector: string, mark: string): E[] {
  const found = [...root.querySelectorAll<E>(selector)];
  if (root instanceof HTMLElement && root.matches(selector)) found.unshift(root as E);
  return found.filter((element) => {
    const seen = mark in element.dataset;
    element.dataset[mark] = "";
    return !seen;
  });
}
