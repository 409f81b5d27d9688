import type { DeadLetter } from "@/api/deadLetters";
import type { WebhookView } from "@/api/webhooks";
import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

/** Where a message was for: "Webhook Gate", "Mail to guard@example.org". */
export function targetWords(
  { channel, target }: Pick<DeadLetter, "channel" | "target">,
  webhooks: readonly Pick<WebhookView, "id" | "name">[] | undefined,
): string {
  if (channel === "bus") return words.channels.bus;
  const name = channel === "webhook" ? (webhooks?.find((w) => w.id === target)?.name ?? target) : target;
  return `${wordFor(words.channels, channel) ?? channel} ${name}`.trim();
}
