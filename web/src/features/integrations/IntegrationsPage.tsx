import { useSearchParams } from "react-router";
import { useMay } from "@/api/useMe";
import { SectionHeader } from "@/components/SectionHeader";
import { DeadLetters } from "./DeadLetters";
import { MailCard } from "./MailCard";
import { MqttCard } from "./MqttCard";
import { RabbitMqCard } from "./RabbitMqCard";
import { SensorsCard } from "./SensorsCard";
import { WebhooksCard } from "./WebhooksCard";
import { words } from "./words";

/** Which window is open stands in the address: `?webhook=new|ID`, `?sensor=new`, `?set=mqtt|rabbitmq|smtp`, and so on. */
export type OpenWindow = (key: string, value: string) => void;

/** Other programs and people that hear what happens, and programs that report. */
export function IntegrationsPage() {
  const may = useMay();
  const [search, setSearch] = useSearchParams();
  const open: OpenWindow = (key, value) => setSearch({ [key]: value });
  const close = () => setSearch({}, { replace: true });
  const props = { search, open, close };
  return (
    <section aria-label={words.integrations} className="space-y-4">
      <SectionHeader title={words.integrations} lead={words.lead} />
      {may("integrations.write") && <WebhooksCard {...props} />}
      {may("system.write") && (
        <>
          <MailCard {...props} />
          <MqttCard {...props} />
          <RabbitMqCard {...props} />
        </>
      )}
      {may("integrations.write") && (
        <>
          <SensorsCard {...props} />
          <DeadLetters />
        </>
      )}
    </section>
  );
}

/** What each part of the page gets. */
export interface PartProps {
  search: URLSearchParams;
  open: OpenWindow;
  close: () => void;
}
