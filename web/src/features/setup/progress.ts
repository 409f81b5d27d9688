/** Where somebody is in setting up a new installation. The administrator is made with the link's token; the others are done signed in. */
export const steps = ["administrator", "storage", "cameras", "recording"] as const;
export type Step = (typeof steps)[number];

const storageKey = "vms.setup";
const addedKey = "vms.setup.added";

/** Whoever leaves comes back to where he was. */
export function rememberStep(step: Step): void {
  localStorage.setItem(storageKey, step);
}

export function forgetSetup(): void {
  localStorage.removeItem(storageKey);
  localStorage.removeItem(addedKey);
}

/** The set-up made this camera: what it asks about recording holds for it, and not for what others have set up before. */
export function rememberAdded(cameraId: string): void {
  localStorage.setItem(addedKey, JSON.stringify([...addedCameras(), cameraId]));
}

/** Ids of the cameras that were added in this set-up. */
export function addedCameras(): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(addedKey) ?? "[]");
    return new Set(Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : []);
  } catch {
    return new Set();
  }
}

/** The step that was left; null when nothing was, or all is done. */
export function leftStep(): Step | null {
  const kept = localStorage.getItem(storageKey);
  return steps.find((s) => s === kept) ?? null;
}

/**
 * Which step an address shows. The token makes an administrator; without it and without a sign-in there is nothing to do here (null).
 * @param wished `?step=`
 */
export function stepAt(hasToken: boolean, signedIn: boolean, wished: string | null): Step | null {
  const step = steps.find((s) => s === wished && s !== "administrator") ?? null;
  if (hasToken && step === null) return "administrator";
  if (!signedIn) return null;
  const left = leftStep();
  return step ?? (left === "administrator" ? null : left) ?? "storage";
}
