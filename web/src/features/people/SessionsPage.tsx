import { useSessions } from "@/api/sessions";
import { useMay, useMe } from "@/api/useMe";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SectionHeader } from "@/components/SectionHeader";
import { QueryError } from "@/components/States";
import { SessionList } from "@/features/account/SessionList";
import { words } from "./words";

/** Everybody's sign-ins. */
export function SessionsPage() {
  const sessions = useSessions(true);
  const me = useMe().data;
  const mayEnd = useMay()("users.write");
  const all = sessions.data ?? [];
  return (
    <section aria-label={words.sessions}>
      <SectionHeader title={words.sessions} lead={words.sessionsLead} />
      {sessions.isPending ? (
        <ListSkeleton />
      ) : sessions.isError && all.length === 0 ? (
        <QueryError what={words.theSessions} error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : (
        <SessionList sessions={all} withNames mayEnd={(s) => mayEnd || s.userId === me?.id} />
      )}
    </section>
  );
}
