import { Send } from "lucide-react";
import { useNotificationPreferences, useTestNotification } from "@/api/notifications";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SectionHeader } from "@/components/SectionHeader";
import { QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { DesktopCard } from "./DesktopCard";
import { PreferencesForm } from "./PreferencesForm";
import { PushCard } from "./PushCard";
import { SoundCard } from "./SoundCard";
import { words } from "./words";

/** How this person is told: what of it is this browser's, and what is theirs everywhere. */
export function NotificationsPage() {
  const preferences = useNotificationPreferences();
  return (
    <>
      <SectionHeader title={words.notifications} lead={words.lead}>
        <TestButton />
      </SectionHeader>
      <div className="space-y-6">
        <DesktopCard />
        <PushCard />
        <SoundCard />
        {preferences.isPending ? (
          <ListSkeleton lines={3} className="h-28" />
        ) : preferences.isError && !preferences.data ? (
          <QueryError
            what={words.thePreferences}
            error={preferences.error}
            onRetry={() => void preferences.refetch()}
          />
        ) : (
          <PreferencesForm saved={preferences.data} />
        )}
      </div>
    </>
  );
}

function TestButton() {
  const test = useTestNotification();
  const { data } = test;
  return (
    <div className="max-w-sm text-right">
      <Button className="max-md:h-11" disabled={test.isPending} onClick={() => test.mutate()}>
        <Send aria-hidden /> {test.isPending ? words.testing : words.test}
      </Button>
      <div role="status" className="text-soft mt-1 text-[13px] text-pretty">
        {data && (
          <p>
            {words.testSent} {data.browsers > 0 && words.testPushed(data.browsers)}
          </p>
        )}
        {data?.errors.map((why) => (
          <p key={why} className="text-warn">
            {words.testFailed(why)}
          </p>
        ))}
        {test.isError && <p className="text-alarm">{test.error.message}</p>}
      </div>
    </div>
  );
}
