import { Bell, Settings2, Trash2 } from "lucide-react";
import { Link } from "react-router";
import { useMe } from "@/api/useMe";
import { cn } from "@/components/cn";
import { EmptyState } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { Drawer } from "@/components/ui/Drawer";
import { When } from "@/components/When";
import { clearTold, markAllSeen, useTold, type Told } from "./inbox";
import { pathOf, textWords, titleWords } from "./messages";
import { setMuted, useMuted } from "./mute";
import { words } from "./words";

/** What this user was told last, and whether this window makes sounds. */
export function NotificationCentre({ onClose }: { onClose: () => void }) {
  const user = useMe().data?.id;
  const told = useTold(user);
  const muted = useMuted();
  // What is new stays marked for as long as it is looked at.
  const close = () => {
    if (user) markAllSeen(user);
    onClose();
  };
  return (
    <Drawer title={words.notifications} description={words.lead} onClose={close}>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <Check label={words.soundsHere} checked={!muted} onChange={(e) => setMuted(!e.target.checked)} />
        <span className="flex gap-1">
          <Button size="sm" variant="ghost" className="max-md:h-11" asChild>
            <Link to="/settings/notifications" onClick={close}>
              <Settings2 aria-hidden /> {words.settings}
            </Link>
          </Button>
          {user && told.length > 0 && (
            <Button size="sm" variant="ghost" className="max-md:h-11" onClick={() => clearTold(user)}>
              <Trash2 aria-hidden /> {words.clear}
            </Button>
          )}
        </span>
      </div>
      {told.length === 0 ? (
        <EmptyState icon={<Bell />} title={words.none} detail={words.noneDetail} />
      ) : (
        <ul className="space-y-2">
          {told.map((one) => (
            <li key={one.id}>
              <Item told={one} onOpen={close} />
            </li>
          ))}
        </ul>
      )}
    </Drawer>
  );
}

function Item({ told, onOpen }: { told: Told; onOpen: () => void }) {
  return (
    <Link
      to={pathOf(told.url)}
      onClick={onOpen}
      data-notification={told.id}
      className="bg-ground hover:bg-raised block rounded-lg border p-3"
    >
      <span className="flex items-baseline justify-between gap-3">
        <span className={cn("min-w-0 break-words", told.seen ? "font-medium" : "font-semibold")}>
          {!told.seen && (
            <span title={words.isNew} className="bg-accent mr-2 inline-block size-2 rounded-full align-middle" />
          )}
          {titleWords(told.title)}
        </span>
        <span className="text-soft shrink-0 text-[13px]">
          <When at={told.at} />
        </span>
      </span>
      <span className="text-soft block text-[13px] break-words">{textWords(told)}</span>
    </Link>
  );
}
