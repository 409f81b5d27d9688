/** Copies to the clipboard, also over plain HTTP in a local network, where browsers have no clipboard API. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed here: the old way may be.
    }
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "fixed opacity-0";
  // A dialog lets nothing outside it have the focus.
  (document.querySelector("[role=dialog]") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
