/** Windows beside the first one, for further screens: the same address without the rail. The browser keeps a window's name when it reloads. */
const namePrefix = "vms.second.";

export const isSecondWindow = (): boolean => window.name.startsWith(namePrefix);

interface Screen {
  availLeft: number;
  availTop: number;
  availWidth: number;
  availHeight: number;
}

/** The parts of the Window Management API that are used; not every browser has it, and the operator may refuse it. */
interface ManagedWindow {
  screen: { isExtended?: boolean };
  getScreenDetails?: () => Promise<{ currentScreen: object; screens: Screen[] }>;
}

/** The windows that were opened from here, each with the corner of the screen it was put on; those that were closed since leave with the next one. */
let opened: { window: Window; corner: string }[] = [];

const cornerOf = (screen: Screen) => `${screen.availLeft},${screen.availTop}`;

/** Opens an address of this page in a window of its own: on a screen that has none yet, where there is one that the browser may use. */
export async function openSecondWindow(address: string): Promise<void> {
  const name = `${namePrefix}${Date.now()}`;
  opened = opened.filter((o) => !o.window.closed);
  const screen = await nextScreen();
  const features = screen
    ? `left=${screen.availLeft},top=${screen.availTop},width=${screen.availWidth},height=${screen.availHeight}`
    : "left=80,top=80,width=1280,height=800";
  const popup = window.open(address, name, `popup,${features}`);
  if (popup && screen) opened.push({ window: popup, corner: cornerOf(screen) });
}

/** The other screen with the fewest windows of ours; null when only this one may be used. */
async function nextScreen(): Promise<Screen | null> {
  const { screen, getScreenDetails } = window as unknown as ManagedWindow;
  if (!screen.isExtended || !getScreenDetails) return null;
  const details = await getScreenDetails.call(window).catch(() => null);
  const windowsOn = (s: Screen) => opened.filter((o) => o.corner === cornerOf(s)).length;
  const others = details?.screens.filter((s) => s !== details.currentScreen) ?? [];
  return others.toSorted((a, b) => windowsOn(a) - windowsOn(b))[0] ?? null;
}
