import { BellRing } from "lucide-react";
import { SettingCard } from "@/components/SettingCard";
import { Button } from "@/components/ui/Button";
import { useDesktopState } from "@/notifications/desktop";
import { words } from "./words";

/** Whether this browser shows notifications, and how it is brought to. */
export function DesktopCard() {
  const state = useDesktopState();
  return (
    <SettingCard title={words.desktop} hint={words.desktopStates[state]}>
      {state === "granted" && <span className="text-good text-[13px]">{words.allowed}</span>}
      {state === "default" && (
        <Button variant="primary" className="max-md:h-11" onClick={() => void Notification.requestPermission()}>
          <BellRing aria-hidden /> {words.allow}
        </Button>
      )}
    </SettingCard>
  );
}
