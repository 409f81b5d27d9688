/** Windows beside the first one, for a second screen: the same address without the rail. The browser keeps a window's name when it reloads. */
const namePrefix = "vms.second.";

export const isSecondWindow = (): boolean => window.name.startsWith(namePrefix);

/** The parts of the Window Management API that are used; not every browser has it, and the operator may refuse it. */
interface ManagedWindow {
  screen: { isExtended?: boolean };
  getScreenDetails?: () => Promise<{
    currentScreen: object;
    screens: { availLeft: number; availTop: number; availWidth: number; availHeight: number }[];
  }>;
}

/** Opens an address of this page in a window of its own: on another screen where there is one that the browser may use. */
export async function openSecondWindow(address: string): Promise<void> {
  const name = `${namePrefix}${Date.now()}`;
  const place = await otherScreen();
  const { left, top, width, height } = place ?? { left: 80, top: 80, width: 1280, height: 800 };
  window.open(address, name, `popup,left=${left},top=${top},width=${width},height=${height}`);
}

async function otherScreen() {
  const { screen, getScreenDetails } = window as unknown as ManagedWindow;
  if (!screen.isExtended || !getScreenDetails) return null;
  const details = await getScreenDetails.call(window).catch(() => null);
  const other = details?.screens.find((s) => s !== details.currentScreen);
  return other && { left: other.availLeft, top: other.availTop, width: other.availWidth, height: other.availHeight };
}
