import { fresh } from "../core/once";

export function notices(root: ParentNode): void {
  for (const button of fresh<HTMLButtonElement>(root, "button[data-dismiss]", "dismisses")) {
    button.addEventListener("click", () => {
      button.closest(".notice")?.remove();
      document.querySelector<HTMLElement>("main")?.focus();
    });
  }
}
