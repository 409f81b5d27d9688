import { lazy, Suspense, useEffect } from "react";
import { useNavigate } from "react-router";
import { toast } from "sonner";
import { onFeed } from "@/api/feed";
import { useMe } from "@/api/useMe";
import { calledWords } from "@/events/ruleWords";
import { setCentreOpen, useCentreOpen } from "./centre";
import { claim } from "./claim";
import { desktopState, showOnDesktop } from "./desktop";
import { addTold } from "./inbox";
import { pathOf, textWords, titleWords, type NotificationMessage, type Sound, type SoundMessage } from "./messages";
import { isMuted } from "./mute";
import { keepPushWords } from "./pushWords";
import { mayBeHeard, play } from "./sound";
import { words } from "./words";

const Centre = lazy(async () => ({ default: (await import("./NotificationCentre")).NotificationCentre }));

const toastMs = 12_000;
/** A window that may not be heard lets the others try first. */
const afterOthersMs = 700;

/** Tells the user what the feed says to them, in one window of this browser; the notification centre, when it is open. */
export function Notifications() {
  const navigate = useNavigate();
  const user = useMe().data?.id;
  const open = useCentreOpen();

  useEffect(() => {
    // A browser that keeps nothing is told in the server's words.
    if (user) keepPushWords().catch(() => undefined);
  }, [user]);

  useEffect(() => {
    if (!user) return;
    const go = (path: string) => void navigate(path);
    const stops = [
      onFeed<NotificationMessage>("notification", (message) => {
        addTold(user, message);
        void tell(user, message, go);
      }),
      onFeed<SoundMessage>("sound", (message) => void sound(user, message)),
    ];
    // A click on what the service worker shows.
    const onWorker = ({ data }: MessageEvent<{ type?: string; url?: unknown } | null>) => {
      if (data?.type === "open") go(pathOf(data.url));
    };
    navigator.serviceWorker?.addEventListener("message", onWorker);
    return () => {
      stops.forEach((stop) => stop());
      navigator.serviceWorker?.removeEventListener("message", onWorker);
    };
  }, [user, navigate]);

  if (!open) return null;
  return (
    <Suspense>
      <Centre onClose={() => setCentreOpen(false)} />
    </Suspense>
  );
}

async function tell(user: string, message: NotificationMessage, open: (path: string) => void) {
  const what = [user, message.id, message.at, message.title, message.text].join(" ");
  const onDesktop = desktopState() === "granted";
  // In a window that nobody looks at, a toast is told to nobody.
  if (!onDesktop && document.visibilityState !== "visible") return;
  if (!(await claim(what))) return;
  try {
    if (onDesktop) return await showOnDesktop(message, open);
  } catch {
    // A phone shows none without the service worker, which takes a certificate that the browser trusts.
  }
  toast(titleWords(message.title), {
    id: message.id,
    description: textWords(message),
    duration: toastMs,
    action: { label: words.show, onClick: () => open(pathOf(message.url)) },
  });
}

async function sound(user: string, { sound, ruleId, ruleName, eventId, at }: SoundMessage) {
  if (isMuted()) return;
  const what = ["sound", user, ruleId, eventId, at].join(" ");
  if (await mayBeHeard()) {
    if (await claim(what)) play(sound);
    return;
  }
  await new Promise((done) => setTimeout(done, afterOthersMs));
  if (await claim(what)) offerSound(sound, ruleName);
}

/** No window may be heard: a click is what the browser waits for. */
function offerSound(sound: Sound, ruleName: string) {
  toast.warning(words.notHeard(calledWords(ruleName)), {
    id: "vms.sound",
    description: words.notHeardDetail,
    duration: Infinity,
    action: { label: words.letSound, onClick: () => void mayBeHeard().then((heard) => heard && play(sound)) },
  });
}
