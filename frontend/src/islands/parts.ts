import htmx from "htmx.org";

/** htmx, for lists that grow and for rows that change in place. Every such link and form also works without it. */
export function start(wake: (root: ParentNode) => void): void {
  htmx.config.includeIndicatorCSS = false;
  htmx.onLoad((element: ParentNode) => wake(element));
}
