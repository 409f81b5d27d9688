// Before anything is painted, so that a light screen does not flash dark (src/theme/theme.ts goes on from here).
(function () {
  let kept = null;
  try {
    kept = localStorage.getItem("vms.theme");
  } catch {
    // No storage: the system's.
  }
  const light = kept === "light" || (kept !== "dark" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";
})();
