/** How loud a camera is when it is heard, remembered in this browser. Whether it is heard is not: pages begin silent, or browsers
 * would not let them play by themselves. */
const key = "vms.volume";
const usual = 0.8;

export function rememberedVolume(): number {
  try {
    const stored = Number(localStorage.getItem(key) ?? NaN);
    return stored > 0 && stored <= 1 ? stored : usual;
  } catch {
    return usual; // storage is switched off
  }
}

export function rememberVolume(volume: number): void {
  try {
    if (volume > 0) localStorage.setItem(key, volume.toFixed(2));
  } catch {
    // storage is switched off: it is loud as usual the next time
  }
}
