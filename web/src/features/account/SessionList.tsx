import { Bot, Monitor, Smartphone } from "lucide-react";
import { toast } from "sonner";
import { useEndSession, type ListSessionsSessionView } from "@/api/sessions";
import { signOut } from "@/api/signIn";
import { Button } from "@/components/ui/Button";
import { When } from "@/components/When";
import { programWords } from "./programWords";
import { words } from "./words";

/** Sign-ins with their program, address and time, each with the way to end it. */
export function SessionList({
  sessions,
  withNames,
  mayEnd,
}: {
  sessions: readonly ListSessionsSessionView[];
  /** They are of several people. */
  withNames: boolean;
  mayEnd: (session: ListSessionsSessionView) => boolean;
}) {
  const end = useEndSession();
  return (
    <ul className="bg-panel divide-y rounded-lg border">
      {sessions.map((session) => {
        const program = programWords(session.userAgent);
        const Icon = /Android|iPhone|iPad/.test(session.userAgent)
          ? Smartphone
          : session.userAgent.startsWith("Mozilla/")
            ? Monitor
            : Bot;
        return (
          <li key={session.id} className="flex items-center gap-3 px-4 py-3">
            <Icon className="text-soft size-5 shrink-0 stroke-[1.5]" aria-hidden />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap gap-x-2" title={session.userAgent}>
                <span className="min-w-0 truncate">
                  {withNames && <span className="font-medium">{session.username} · </span>}
                  {program}
                </span>
                {session.current && (
                  <span className="text-good text-[13px]">
                    <span aria-hidden>● </span>
                    {words.thisOne}
                  </span>
                )}
              </p>
              <p className="text-soft text-[13px]">
                <span className="tabular">{session.address}</span> · {words.lastUsed} <When at={session.lastUsedAt} />
              </p>
            </div>
            {mayEnd(session) && (
              <Button
                size="sm"
                variant="ghost"
                className="max-md:h-11"
                aria-label={words.endOf(program, session.address)}
                disabled={end.isPending && end.variables === session.id}
                onClick={() =>
                  session.current
                    ? void signOut()
                    : end.mutate(session.id, {
                        onSuccess: () => toast(words.ended),
                        onError: (e) => toast.error(e.message),
                      })
                }
              >
                {words.end}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
