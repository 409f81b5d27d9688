import { useState } from "react";

/**
 * Gives the focus back to whoever had it when a window was opened: for its `onCloseAutoFocus`. A menu that is gone by then has the button that it
 * came from.
 */
export function useOpener(): (event: Event) => void {
  const [opener] = useState(focused);
  return (event) => {
    if (!opener?.isConnected) return;
    event.preventDefault();
    opener.focus();
  };
}

function focused(): HTMLElement | null {
  const active = document.activeElement;
  const menuButton = active?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  const opener = (menuButton && document.getElementById(menuButton)) || active;
  return opener instanceof HTMLElement && opener !== document.body ? opener : null;
}
