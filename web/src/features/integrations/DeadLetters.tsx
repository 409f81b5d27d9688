import { MailX, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { useDeadLetters, useDeleteDeadLetter, useRetryDeadLetter, type DeadLetter } from "@/api/deadLetters";
import { useRules } from "@/api/rules";
import { useMay } from "@/api/useMe";
import { useWebhooks } from "@/api/webhooks";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ListSkeleton } from "@/components/ListSkeleton";
import { More } from "@/components/More";
import { QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { When } from "@/components/When";
import { Part } from "./Part";
import { targetWords } from "./targetWords";
import { words } from "./words";

/** What did not arrive, with why: to be tried again, or forgotten. */
export function DeadLetters() {
  const letters = useDeadLetters();
  const webhooks = useWebhooks().data;
  const may = useMay();
  const rules = useRules(may("rules.write")).data;
  const [deleted, setDeleted] = useState<DeadLetter | null>(null);
  const all = letters.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Part icon={MailX} title={words.deadLetters} lead={words.deadLettersLead}>
      {letters.isPending ? (
        <div className="p-4">
          <ListSkeleton lines={2} />
        </div>
      ) : letters.isError && all.length === 0 ? (
        <QueryError what={words.theDeadLetters} error={letters.error} onRetry={() => void letters.refetch()} />
      ) : all.length === 0 ? (
        <p className="text-good px-4 py-3 text-[13px] md:px-5">{words.allDelivered}</p>
      ) : (
        <>
          <ul aria-label={words.deadLetters} className="divide-y">
            {all.map((letter) => (
              <Line
                key={letter.id}
                letter={letter}
                target={targetWords(letter, webhooks)}
                // Behind the rule's id stands which of its actions, or which step of its alarm, it was.
                rule={rules?.find((r) => r.id === letter.ruleId?.split("#", 1)[0])?.name}
                onDelete={() => setDeleted(letter)}
              />
            ))}
          </ul>
          {letters.hasNextPage && (
            <div className="pb-4">
              <More
                busy={letters.isFetchingNextPage}
                error={letters.isFetchNextPageError ? letters.error : null}
                onMore={() => void letters.fetchNextPage()}
              />
            </div>
          )}
        </>
      )}
      {deleted && <Forget letter={deleted} onClose={() => setDeleted(null)} />}
    </Part>
  );
}

function Line({
  letter,
  target,
  rule,
  onDelete,
}: {
  letter: DeadLetter;
  target: string;
  rule: string | undefined;
  onDelete: () => void;
}) {
  const retry = useRetryDeadLetter();
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3 md:px-5">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium break-words">{target}</p>
        <p className="text-alarm text-[13px] text-pretty break-words">{letter.error}</p>
        <p className="text-soft text-[13px]">
          {rule && `${words.ofRule(rule)} · `}
          {words.tries(letter.attempts)} · {words.gaveUp} <When at={letter.deadAt} />
        </p>
        <details className="mt-1 text-[13px]">
          <summary className="text-soft hover:text-text cursor-pointer py-1 max-md:py-3">{words.whatItSays}</summary>
          <pre className="bg-ground mt-1 max-h-64 overflow-auto rounded border p-2 text-[12px] break-words whitespace-pre-wrap">
            {JSON.stringify(letter.body, null, 2)}
          </pre>
        </details>
      </div>
      <div className="flex gap-1">
        <Button
          size="sm"
          className="max-md:h-11"
          disabled={retry.isPending}
          onClick={() =>
            retry.mutate(letter.id, {
              onSuccess: () => toast.success(words.triedAgain),
              onError: (error) => toast.error(error.message),
            })
          }
        >
          <RotateCcw /> {words.retry}
        </Button>
        <Button
          size="icon"
          variant="ghost"
          className="size-8 max-md:size-11"
          aria-label={words.forgetWhat(target)}
          title={words.forget}
          onClick={onDelete}
        >
          <Trash2 />
        </Button>
      </div>
    </li>
  );
}

function Forget({ letter, onClose }: { letter: DeadLetter; onClose: () => void }) {
  const remove = useDeleteDeadLetter();
  return (
    <ConfirmDialog
      title={words.forgetTitle}
      description={words.forgetDetail}
      action={words.forget}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(letter.id, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
