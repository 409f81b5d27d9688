import type { ServerPart } from "@/api/servers";
import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

/** Which servers an answer is without, and why: the others' part is there all the same. */
export function MissingServers({ missing }: { missing: readonly ServerPart[] }) {
  return missing.map((server) => (
    <p key={server.id} role="status" className="bg-warn/10 text-warn mb-2 rounded-md px-3 py-2 text-[13px]">
      {words.missing(server.name, wordFor(words.parts, server.state) ?? server.state)}
    </p>
  ));
}
