import { KeyRound, Pencil, Plus, Send, Trash2, Webhook } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import {
  useDeleteWebhook,
  useRenewWebhookSecret,
  useSwitchWebhook,
  useTestWebhook,
  useWebhooks,
  type TestWebhookResult,
  type WebhookView,
  type WebhookWithSecret,
} from "@/api/webhooks";
import { cn } from "@/components/cn";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ListSkeleton } from "@/components/ListSkeleton";
import { QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { RowMenu } from "@/components/ui/RowMenu";
import { Switch } from "@/components/ui/Switch";
import { When } from "@/components/When";
import { words as pageWords } from "@/components/words";
import type { PartProps } from "./IntegrationsPage";
import { Part } from "./Part";
import { ShownSecret } from "./ShownSecret";
import { WebhookDialog } from "./WebhookDialog";
import { words } from "./words";

/** Addresses that rules tell. `?webhook=new|ID`, `?renew=ID` and `?deleteWebhook=ID` are links too. */
export function WebhooksCard({ search, open, close }: PartProps) {
  const webhooks = useWebhooks();
  const [made, setMade] = useState<WebhookWithSecret | null>(null);
  const all = webhooks.data ?? [];
  const of = (key: string) => all.find((w) => w.id === search.get(key));
  const [edited, renewed, deleted] = [of("webhook"), of("renew"), of("deleteWebhook")];
  const shown = (secret: WebhookWithSecret) => {
    setMade(secret);
    close();
  };
  return (
    <Part
      icon={Webhook}
      title={words.webhooks}
      lead={words.webhooksLead}
      action={
        <Button className="max-md:h-11" onClick={() => open("webhook", "new")}>
          <Plus /> {words.addWebhook}
        </Button>
      }
    >
      {webhooks.isPending ? (
        <div className="p-4">
          <ListSkeleton lines={2} />
        </div>
      ) : webhooks.isError && all.length === 0 ? (
        <QueryError what={words.theWebhooks} error={webhooks.error} onRetry={() => void webhooks.refetch()} />
      ) : all.length === 0 ? (
        <p className="text-soft px-4 py-3 text-[13px] md:px-5">{words.noWebhooks}</p>
      ) : (
        <ul aria-label={words.webhooks} className="divide-y">
          {all.map((webhook) => (
            <Line key={webhook.id} webhook={webhook} open={open} />
          ))}
        </ul>
      )}
      {search.get("webhook") === "new" && <WebhookDialog webhook={null} onMade={shown} onClose={close} />}
      {edited && <WebhookDialog key={edited.id} webhook={edited} onMade={shown} onClose={close} />}
      {renewed && <Renew webhook={renewed} onMade={shown} onClose={close} />}
      {deleted && <Delete webhook={deleted} onClose={close} />}
      {made && (
        <ShownSecret
          title={words.secretOf(made.webhook.name)}
          lead={words.secretLead}
          values={[{ label: words.secret, value: made.secret, testId: "webhook-secret" }]}
          onClose={() => setMade(null)}
        >
          <p className="text-soft text-[13px] text-pretty">{words.secretUse}</p>
        </ShownSecret>
      )}
    </Part>
  );
}

function Line({ webhook, open }: { webhook: WebhookView; open: PartProps["open"] }) {
  const switching = useSwitchWebhook();
  const test = useTestWebhook();
  return (
    <li className="px-4 py-3 md:px-5">
      <div className="flex flex-wrap items-start gap-3">
        <Switch
          className="-my-0.5"
          label={words.isOn(webhook.name)}
          checked={webhook.enabled}
          disabled={switching.isPending}
          onChange={(e) =>
            switching.mutate({ webhook, enabled: e.target.checked }, { onError: (error) => toast.error(error.message) })
          }
        />
        <div className="grid min-w-0 flex-1 gap-x-6 gap-y-0.5 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
          <div className="min-w-0">
            <p className={cn("font-medium break-words", !webhook.enabled && "text-soft")}>{webhook.name}</p>
            <p className="text-soft text-[13px] break-all">{webhook.url}</p>
          </div>
          <LastTry webhook={webhook} />
        </div>
        <Button
          size="sm"
          className="max-md:order-last max-md:h-11 max-md:w-full"
          disabled={test.isPending}
          onClick={() => test.mutate(webhook.id, { onError: (error) => toast.error(error.message) })}
        >
          <Send /> {test.isPending ? words.testing : words.test}
        </Button>
        <RowMenu
          label={pageWords.actionsFor(webhook.name)}
          actions={[
            { label: words.edit, icon: Pencil, onSelect: () => open("webhook", webhook.id) },
            { label: words.newSecret, icon: KeyRound, onSelect: () => open("renew", webhook.id) },
            { label: words.delete, icon: Trash2, danger: true, onSelect: () => open("deleteWebhook", webhook.id) },
          ]}
        />
      </div>
      {test.data && <TestAnswer result={test.data} onClose={() => test.reset()} />}
    </li>
  );
}

function LastTry({ webhook: { enabled, triedAt, triedStatus, triedError } }: { webhook: WebhookView }) {
  if (!enabled) return <p className="text-soft text-[13px]">{words.off}</p>;
  if (!triedAt) return <p className="text-soft text-[13px]">{words.nothingSent}</p>;
  return (
    <div className="min-w-0 text-[13px]">
      <p className={triedError === null ? "text-good" : "text-alarm"}>
        {triedError === null ? words.taken : words.notTaken}
        {triedStatus !== null && ` (${triedStatus})`}{" "}
        <span className="text-soft">
          <When at={triedAt} />
        </span>
      </p>
      {triedError !== null && <p className="text-soft text-pretty break-words">{triedError}</p>}
    </div>
  );
}

/** What the receiver said to a test message. */
function TestAnswer({ result, onClose }: { result: TestWebhookResult; onClose: () => void }) {
  const { delivered, status, answer, durationMs, error } = result;
  return (
    <div
      role="status"
      className={cn("mt-3 rounded-md border p-3 text-[13px]", delivered ? "border-good/50" : "border-alarm/60")}
    >
      <div className="flex items-start justify-between gap-3">
        <p className={cn("font-medium", delivered ? "text-good" : "text-alarm")}>
          {delivered ? words.testTaken : words.testNotTaken}
          <span className="text-soft font-normal">
            {" · "}
            {status === null ? words.noAnswer : words.answered(status)}
            {" · "}
            {words.milliseconds(durationMs)}
          </span>
        </p>
        <Button size="sm" variant="ghost" className="-m-1 max-md:h-11" onClick={onClose}>
          {pageWords.close}
        </Button>
      </div>
      {error !== null && <p className="mt-1 text-pretty break-words">{error}</p>}
      {answer && (
        <pre className="bg-ground mt-2 max-h-40 overflow-auto rounded border p-2 text-[12px] break-words whitespace-pre-wrap">
          {answer}
        </pre>
      )}
    </div>
  );
}

function Renew({
  webhook,
  onMade,
  onClose,
}: {
  webhook: WebhookView;
  onMade: (made: WebhookWithSecret) => void;
  onClose: () => void;
}) {
  const renew = useRenewWebhookSecret();
  return (
    <ConfirmDialog
      title={words.renewWhat(webhook.name)}
      description={words.renewDetail}
      action={words.newSecret}
      error={renew.error}
      busy={renew.isPending}
      onConfirm={() => renew.mutate(webhook.id, { onSuccess: onMade })}
      onClose={onClose}
    />
  );
}

function Delete({ webhook, onClose }: { webhook: WebhookView; onClose: () => void }) {
  const remove = useDeleteWebhook();
  return (
    <ConfirmDialog
      title={words.deleteWhat(webhook.name)}
      description={words.deleteWebhookDetail}
      action={words.deleteWebhook}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(webhook, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
