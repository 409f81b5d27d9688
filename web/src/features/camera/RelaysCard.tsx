import { Zap } from "lucide-react";
import { useRelays, useSwitchRelay } from "@/api/device";
import type { Camera } from "@/api/types";
import { QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { Card } from "./Card";
import { words } from "./words";

/** The contacts that the device switches: a lamp, a door opener. */
export function RelaysCard({ camera }: { camera: Camera }) {
  const relays = useRelays(camera.id);
  const change = useSwitchRelay(camera.id);
  return (
    <Card title={words.relays}>
      {relays.isPending ? (
        <Skeleton className="h-10" />
      ) : relays.isError ? (
        <QueryError what={words.theRelays} error={relays.error} onRetry={() => void relays.refetch()} />
      ) : (
        <ul className="space-y-2">
          {relays.data.map((relay) => (
            <li key={relay.id} className="flex flex-wrap items-center justify-between gap-2">
              <span>
                <span className="block font-medium">{relay.id}</span>
                <span className="text-soft text-[13px]">
                  {relay.state && `${wordFor(words.relayStates, relay.state) ?? relay.state} · `}
                  {relay.mode === "monostable"
                    ? words.fallsBack(
                        relay.delaySeconds
                          ? number(relay.delaySeconds, Number.isInteger(relay.delaySeconds) ? 0 : 1)
                          : null,
                      )
                    : words.staysSwitched}
                </span>
              </span>
              <span className="flex gap-2">
                <Button
                  className="max-md:h-11"
                  disabled={change.isPending}
                  onClick={() => change.mutate({ relay: relay.id, active: true })}
                >
                  <Zap /> {relay.mode === "monostable" ? words.pulse : words.switchOn}
                </Button>
                {relay.mode !== "monostable" && (
                  <Button
                    variant="ghost"
                    className="max-md:h-11"
                    disabled={change.isPending}
                    onClick={() => change.mutate({ relay: relay.id, active: false })}
                  >
                    {words.switchOff}
                  </Button>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      {change.error && (
        <p role="alert" className="text-warn mt-2 text-[13px]">
          {change.error.message}
        </p>
      )}
    </Card>
  );
}
