import { usePresets } from "@/api/ptz";
import { useRelays } from "@/api/device";
import type { RuleAction } from "@/api/rules";
import { useTree } from "@/api/tree";
import { useMay } from "@/api/useMe";
import { useUsers } from "@/api/users";
import { useWebhooks } from "@/api/webhooks";
import { SelectField, TextField } from "@/components/ui/Field";
import { ChipSelect } from "./ChipSelect";
import { EscalationFields } from "./EscalationFields";
import { fieldsOf, type ActionType } from "./draft";
import { words } from "./words";

interface FieldsProps {
  action: RuleAction;
  onChange: (action: RuleAction) => void;
  error: (field: string) => string | undefined;
}

/** The settings of one action; none for what has none. */
export function ActionFields({ type, ...props }: FieldsProps & { type: ActionType }) {
  const fields = fieldsOf[type];
  return (
    <div className="mt-3 grid gap-3 empty:hidden sm:grid-cols-2">
      {fields.includes("cameraId") && <CameraChoice {...props} />}
      {type === "record" && <RecordFields {...props} />}
      {type === "alarm" && <SeverityChoice {...props} />}
      {(type === "email" || type === "push") && <Recipients type={type} {...props} />}
      {fields.includes("title") && <Title {...props} />}
      {type === "webhook" && <WebhookChoice {...props} />}
      {type === "mqtt" && <Topic {...props} />}
      {type === "sound" && <SoundChoice {...props} />}
      {type === "ptz" && <PresetChoice {...props} />}
      {type === "relay" && <RelayChoice {...props} />}
      {type === "alarm" && (
        <EscalationFields
          steps={props.action.escalation ?? []}
          onChange={(escalation) => props.onChange({ ...props.action, escalation })}
          error={props.error("escalation")}
        />
      )}
    </div>
  );
}

function CameraChoice({ action, onChange, error }: FieldsProps) {
  const tree = useTree(useMay()("cameras.read")).data;
  const cameras = tree?.sites.flatMap((s) => s.cameras) ?? [];
  const chosen = action.cameraId ?? "";
  return (
    <SelectField
      label={words.ofCamera}
      className={action.type === "record" ? "sm:col-span-2" : undefined}
      value={chosen}
      onChange={(e) => onChange({ ...action, cameraId: e.target.value || null })}
      error={error("cameraId")}
    >
      <option value="">{words.eventsCamera}</option>
      {chosen && !cameras.some((c) => c.id === chosen) && <option value={chosen}>{chosen}</option>}
      {cameras.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

const numberOf = (text: string) => (text === "" ? null : Number(text));

function RecordFields({ action, onChange, error }: FieldsProps) {
  return (
    <>
      <TextField
        label={words.secondsBefore}
        type="number"
        min={0}
        max={60}
        placeholder={words.asTheCamera}
        value={action.preRoll ?? ""}
        onChange={(e) => onChange({ ...action, preRoll: numberOf(e.target.value) })}
        error={error("preRoll")}
      />
      <TextField
        label={words.secondsAfter}
        type="number"
        min={1}
        max={3600}
        value={action.seconds ?? ""}
        onChange={(e) => onChange({ ...action, seconds: numberOf(e.target.value) })}
        error={error("seconds")}
      />
    </>
  );
}

function SeverityChoice({ action, onChange, error }: FieldsProps) {
  return (
    <SelectField
      label={words.severity}
      value={action.severity ?? "warning"}
      onChange={(e) => onChange({ ...action, severity: e.target.value })}
      error={error("severity")}
    >
      {Object.entries(words.severities).map(([severity, name]) => (
        <option key={severity} value={severity}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

function Title({ action, onChange, error }: FieldsProps) {
  return (
    <TextField
      label={words.titleLabel}
      placeholder={words.rulesName}
      maxLength={200}
      value={action.title ?? ""}
      onChange={(e) => onChange({ ...action, title: e.target.value })}
      error={error("title")}
    />
  );
}

function Recipients({ type, action, onChange, error }: FieldsProps & { type: "email" | "push" }) {
  const users = useUsers(useMay()("users.read") && type === "push").data ?? [];
  return (
    <div className="sm:col-span-2">
      <ChipSelect
        label={type === "email" ? words.addresses : words.users}
        hint={type === "push" && !action.to?.length ? words.everybodyHint : undefined}
        error={error("to")}
        values={action.to ?? []}
        wordsOf={(to) => to}
        groups={type === "push" ? [{ items: users.map(({ username }) => ({ value: username, label: username })) }] : []}
        addWords={words.addUser}
        typed={
          type === "email"
            ? { label: words.address, placeholder: words.addressPlaceholder }
            : { label: words.userName, placeholder: words.userName }
        }
        onChange={(to) => onChange({ ...action, to })}
      />
    </div>
  );
}

function WebhookChoice({ action, onChange, error }: FieldsProps) {
  const may = useMay()("integrations.write");
  const webhooks = useWebhooks(may).data ?? [];
  const chosen = action.webhookId ?? "";
  return (
    <SelectField
      label={words.webhook}
      className="sm:col-span-2"
      hint={!may ? words.webhooksNotSeen : webhooks.length === 0 ? words.noWebhooks : undefined}
      value={chosen}
      onChange={(e) => onChange({ ...action, webhookId: e.target.value })}
      error={error("webhookId")}
    >
      <option value="">{words.choose}</option>
      {chosen && !webhooks.some((w) => w.id === chosen) && <option value={chosen}>{words.unknownWebhook}</option>}
      {webhooks.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

function Topic({ action, onChange, error }: FieldsProps) {
  return (
    <TextField
      label={words.topic}
      className="sm:col-span-2"
      placeholder={words.topicPlaceholder}
      hint={words.topicHint}
      value={action.topic ?? ""}
      onChange={(e) => onChange({ ...action, topic: e.target.value })}
      error={error("topic")}
    />
  );
}

function SoundChoice({ action, onChange, error }: FieldsProps) {
  return (
    <SelectField
      label={words.sound}
      value={action.sound ?? "chime"}
      onChange={(e) => onChange({ ...action, sound: e.target.value })}
      error={error("sound")}
    >
      {Object.entries(words.sounds).map(([sound, name]) => (
        <option key={sound} value={sound}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

/** A camera's own positions where one is named; which camera an event will come from nobody knows. */
function PresetChoice({ action, onChange, error }: FieldsProps) {
  const presets = usePresets(action.cameraId ?? "", Boolean(action.cameraId)).data ?? [];
  return (
    <DeviceChoice
      label={words.preset}
      hint={action.cameraId ? undefined : words.presetHint}
      chosen={action.preset ?? ""}
      choices={presets}
      onChange={(preset) => onChange({ ...action, preset })}
      error={error("preset")}
    />
  );
}

function RelayChoice({ action, onChange, error }: FieldsProps) {
  const choice = (relays: readonly { id: string; name: string }[]) => (
    <DeviceChoice
      label={words.relay}
      hint={action.cameraId ? undefined : words.relayHint}
      chosen={action.relay ?? ""}
      choices={relays}
      onChange={(relay) => onChange({ ...action, relay })}
      error={error("relay")}
    />
  );
  return (
    <>
      {action.cameraId ? <RelaysOf cameraId={action.cameraId}>{choice}</RelaysOf> : choice([])}
      <SelectField
        label={words.switchTo}
        value={action.active === false ? "off" : "on"}
        onChange={(e) => onChange({ ...action, active: e.target.value === "on" })}
        error={error("active")}
      >
        <option value="on">{words.relayOn}</option>
        <option value="off">{words.relayOff}</option>
      </SelectField>
    </>
  );
}

function RelaysOf({
  cameraId,
  children,
}: {
  cameraId: string;
  children: (relays: readonly { id: string; name: string }[]) => React.ReactNode;
}) {
  const relays = useRelays(cameraId).data ?? [];
  return children(relays.map(({ id }) => ({ id, name: id })));
}

/** What the device says that it has; it is typed where the device says nothing. */
function DeviceChoice({
  label,
  hint,
  chosen,
  choices,
  onChange,
  error,
}: {
  label: string;
  hint: string | undefined;
  chosen: string;
  choices: readonly { id: string; name: string }[];
  onChange: (id: string) => void;
  error: string | undefined;
}) {
  if (choices.length === 0)
    return (
      <TextField label={label} hint={hint} value={chosen} onChange={(e) => onChange(e.target.value)} error={error} />
    );
  return (
    <SelectField label={label} hint={hint} value={chosen} onChange={(e) => onChange(e.target.value)} error={error}>
      <option value="">{words.choose}</option>
      {chosen && !choices.some(({ id }) => id === chosen) && <option value={chosen}>{chosen}</option>}
      {choices.map(({ id, name }) => (
        <option key={id} value={id}>
          {name || id}
        </option>
      ))}
    </SelectField>
  );
}
