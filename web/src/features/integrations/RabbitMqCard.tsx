import { Rabbit } from "lucide-react";
import { useRabbitMq, useSetRabbitMq, type RabbitMqView } from "@/api/integrations";
import { Check } from "@/components/ui/Check";
import { TextField } from "@/components/ui/Field";
import type { PartProps } from "./IntegrationsPage";
import { ServiceCard } from "./ServiceCard";
import { ServiceDialog } from "./ServiceDialog";
import { linkWords } from "./stateWords";
import { words } from "./words";

/** The operator's RabbitMQ, with its three queues. */
export function RabbitMqCard({ search, open, close }: PartProps) {
  return (
    <ServiceCard
      icon={Rabbit}
      title={words.rabbitMq}
      lead={words.rabbitMqLead}
      query={useRabbitMq()}
      stateWords={linkWords}
      onSet={() => open("set", "rabbitmq")}
    >
      {(view) => search.get("set") === "rabbitmq" && <RabbitMqDialog view={view} onClose={close} />}
    </ServiceCard>
  );
}

function RabbitMqDialog({ view, onClose }: { view: RabbitMqView; onClose: () => void }) {
  const save = useSetRabbitMq(view);
  return (
    <ServiceDialog
      title={words.rabbitMq}
      begin={view.settings}
      hostExample={words.brokerExample}
      hasPassword={view.hasPassword}
      own={["tls", "virtualHost", "queuePrefix"]}
      busy={save.isPending}
      error={save.error}
      onSave={(settings, password) => save.mutate({ settings, password }, { onSuccess: onClose })}
      onClose={onClose}
      fields={(settings, set, error) => (
        <>
          <Check
            label={words.tls}
            checked={settings.tls ?? false}
            onChange={(e) => {
              // The usual port goes with it.
              const port = e.target.checked ? [5672, 5671] : [5671, 5672];
              set({ tls: e.target.checked, port: settings.port === port[0] ? port[1]! : (settings.port ?? port[1]!) });
            }}
          />
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label={words.virtualHost}
              value={settings.virtualHost ?? ""}
              onChange={(e) => set({ virtualHost: e.target.value })}
              error={error("settings.virtualHost")}
            />
            <TextField
              label={words.queuePrefix}
              hint={words.queuePrefixHint(settings.queuePrefix ?? "")}
              value={settings.queuePrefix ?? ""}
              onChange={(e) => set({ queuePrefix: e.target.value })}
              error={error("settings.queuePrefix")}
            />
          </div>
        </>
      )}
    />
  );
}
