import { RadioTower } from "lucide-react";
import { useMqtt, useSetMqtt, type MqttView } from "@/api/integrations";
import { useMay } from "@/api/useMe";
import { useUsers } from "@/api/users";
import { Check } from "@/components/ui/Check";
import { SelectField, TextField } from "@/components/ui/Field";
import type { PartProps } from "./IntegrationsPage";
import { ServiceCard } from "./ServiceCard";
import { ServiceDialog } from "./ServiceDialog";
import { linkWords } from "./stateWords";
import { words } from "./words";

/** The operator's MQTT broker, for Home Assistant and the like. */
export function MqttCard({ search, open, close }: PartProps) {
  return (
    <ServiceCard
      icon={RadioTower}
      title={words.mqtt}
      lead={words.mqttLead}
      query={useMqtt()}
      stateWords={linkWords}
      onSet={() => open("set", "mqtt")}
    >
      {(view) => search.get("set") === "mqtt" && <MqttDialog view={view} onClose={close} />}
    </ServiceCard>
  );
}

function MqttDialog({ view, onClose }: { view: MqttView; onClose: () => void }) {
  const save = useSetMqtt(view);
  const users = useUsers(useMay()("users.read")).data ?? [];
  return (
    <ServiceDialog
      title={words.mqtt}
      begin={view.settings}
      hostExample={words.brokerExample}
      hasPassword={view.hasPassword}
      own={["tls", "topicPrefix", "types", "discovery", "discoveryPrefix", "commandUserId"]}
      busy={save.isPending}
      error={save.error}
      onSave={(settings, password) => save.mutate({ settings, password }, { onSuccess: onClose })}
      onClose={onClose}
      fields={(settings, set, error) => {
        const user = settings.commandUserId ?? "";
        return (
          <>
            <Check
              label={words.tls}
              hint={words.mqttTlsHint}
              checked={settings.tls ?? false}
              onChange={(e) => {
                // The usual port goes with it.
                const port = e.target.checked ? [1883, 8883] : [8883, 1883];
                set({
                  tls: e.target.checked,
                  port: settings.port === port[0] ? port[1]! : (settings.port ?? port[1]!),
                });
              }}
            />
            <div className="grid gap-4 sm:grid-cols-2">
              <TextField
                label={words.topicPrefix}
                hint={words.topicPrefixHint}
                value={settings.topicPrefix ?? ""}
                onChange={(e) => set({ topicPrefix: e.target.value })}
                error={error("settings.topicPrefix")}
              />
              <TextField
                label={words.types}
                placeholder={words.typesPlaceholder}
                hint={words.typesHint}
                defaultValue={settings.types?.join(", ") ?? ""}
                onChange={(e) => set({ types: e.target.value.split(/[\s,]+/).filter(Boolean) })}
                error={error("settings.types")}
              />
            </div>
            <Check
              label={words.discovery}
              hint={words.discoveryHint}
              checked={settings.discovery ?? false}
              onChange={(e) => set({ discovery: e.target.checked })}
            />
            {settings.discovery && (
              <TextField
                label={words.discoveryPrefix}
                value={settings.discoveryPrefix ?? ""}
                onChange={(e) => set({ discoveryPrefix: e.target.value })}
                error={error("settings.discoveryPrefix")}
              />
            )}
            <SelectField
              label={words.commandUser}
              hint={words.commandUserHint}
              value={user}
              onChange={(e) => set({ commandUserId: e.target.value || null })}
              error={error("settings.commandUserId")}
            >
              <option value="">{words.noCommands}</option>
              {user && !users.some(({ id }) => id === user) && <option value={user}>{words.unknownUser}</option>}
              {users.map(({ id, username }) => (
                <option key={id} value={id}>
                  {words.asUser(username)}
                </option>
              ))}
            </SelectField>
          </>
        );
      }}
    />
  );
}
