/** One loop for everything on the page that is painted by hand: sixteen tiles do not ask the browser sixteen times. */
const painters = new Set<() => void>();
let asked = 0;

function turn() {
  asked = requestAnimationFrame(turn);
  painters.forEach((paint) => paint());
}

/** Called before each frame of the screen until it is stopped. */
export function everyFrame(paint: () => void): () => void {
  painters.add(paint);
  if (painters.size === 1) asked = requestAnimationFrame(turn);
  return () => {
    painters.delete(paint);
    if (painters.size === 0) cancelAnimationFrame(asked);
  };
}
