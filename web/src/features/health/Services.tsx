import { planes, useInfrastructure, usePlaneHealth, type InfrastructureService, type Plane } from "@/api/health";
import { cn } from "@/components/cn";
import { duration } from "@/components/time";
import { useNow } from "@/components/useNow";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { gigabytes } from "./storage";
import { words } from "./words";

/** The processes of the product, and what they stand on. */
export function Services() {
  const infrastructure = useInfrastructure();
  return (
    <section aria-label={words.services} className="grid grid-cols-2 gap-3 md:grid-cols-3">
      {planes.map((plane) => (
        <PlaneCard key={plane} plane={plane} />
      ))}
      {(["nats", "postgres"] as const).map((name) => (
        <InfrastructureCard
          key={name}
          name={name}
          service={infrastructure.data?.[name]}
          pending={infrastructure.isPending}
        />
      ))}
    </section>
  );
}

function PlaneCard({ plane }: { plane: Plane }) {
  const { data, isPending } = usePlaneHealth(plane);
  const { name, does } = words.planes[plane];
  const well = data?.ready === true;
  const why = Object.entries(data?.reasons ?? {})
    .map(([what, reason]) => `${what}: ${reason}`)
    .join("\n");
  const memory = data?.memoryBytes != null ? words.memory(sizeWords(data.memoryBytes)) : null;
  return (
    <ServiceCard
      name={name}
      state={isPending ? "pending" : well ? "well" : "away"}
      said={isPending ? "…" : well ? does : data ? words.waiting : words.restarting}
      title={why}
      since={data?.startedAt ?? null}
      further={memory}
    />
  );
}

function InfrastructureCard({
  name,
  service,
  pending,
}: {
  name: "nats" | "postgres";
  service: InfrastructureService | undefined;
  pending: boolean;
}) {
  const { name: word, does, away } = words.infrastructure[name];
  return (
    <ServiceCard
      name={word}
      state={service ? (service.connected ? "well" : "away") : pending ? "pending" : "unknown"}
      said={service ? (service.connected ? does : away) : pending ? "…" : words.notKnown}
      title={service?.reason ?? ""}
      since={service?.since ?? null}
      further={service?.storedBytes != null ? words.stored(sizeWords(service.storedBytes)) : null}
    />
  );
}

const sizeWords = (bytes: number) => (bytes < 1e9 ? words.megabytes(number(bytes / 1e6)) : gigabytes(bytes));

const dots = { well: "bg-good", away: "bg-alarm", pending: "bg-faint", unknown: "bg-faint" } as const;

function ServiceCard({
  name,
  state,
  said,
  title,
  since,
  further,
}: {
  name: string;
  state: keyof typeof dots;
  said: string;
  title: string;
  since: string | null;
  further: string | null;
}) {
  const now = useNow();
  const ran = since === null ? null : duration(Math.max(0, now - Date.parse(since)));
  return (
    <div className="bg-panel rounded-lg border p-4" title={title || undefined} data-service-state={state}>
      <div className="flex items-center gap-2 font-medium">
        <span className={cn("size-2 rounded-full", dots[state])} aria-hidden />
        {name}
        <span className="sr-only">{wordFor(words.serviceStates, state)}</span>
      </div>
      <p className="text-soft mt-1 text-[13px]">{said}</p>
      {(ran ?? further) && (
        <p className="text-faint tabular mt-1 text-[13px]">
          {ran && (
            <time dateTime={since!} title={since!}>
              {state === "away" ? words.awayFor(ran) : words.runsFor(ran)}
            </time>
          )}
          {ran && further && " · "}
          {further}
        </p>
      )}
    </div>
  );
}
