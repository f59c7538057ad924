import { fresh } from "../core/once";

/** `command` and `commandfor` open dialogs without us where the browser knows them; here we stand in where it does not. */
export function menus(root: ParentNode): void {
  if ("commandForElement" in HTMLButtonElement.prototype) return;
  for (const button of fresh<HTMLButtonElement>(root, "button[commandfor]", "commands")) {
    button.addEventListener("click", () => {
      const dialog = document.getElementById(button.getAttribute("commandfor") ?? "");
      if (!(dialog instanceof HTMLDialogElement)) return;
      if (button.getAttribute("command") === "show-modal") dialog.showModal();
      else dialog.close();
    });
  }
}
