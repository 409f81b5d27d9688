import { Radar } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { isSubnet } from "./found";
import { words } from "./words";

/** Where to look: the networks of the server, or a range that is typed. */
export function ScanBar({
  subnet,
  scanned,
  busy,
  error,
  onScan,
}: {
  /** Of the last search; null for the server's own networks. */
  subnet: string | null;
  /** There was one. */
  scanned: boolean;
  busy: boolean;
  /** What the server says of the range. */
  error: string | undefined;
  onScan: (subnet: string | null) => void;
}) {
  const [range, setRange] = useState(subnet !== null);
  const [text, setText] = useState(subnet ?? "");
  const [wrong, setWrong] = useState(false);

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    setWrong(range && !isSubnet(text));
    if (!range) onScan(null);
    else if (isSubnet(text)) onScan(text.trim());
  }

  return (
    <form onSubmit={onSubmit} className="flex flex-wrap items-start gap-x-3 gap-y-4">
      <div role="radiogroup" aria-label={words.where} className="bg-ground flex gap-0.5 rounded-md border p-0.5">
        {[false, true].map((choice) => (
          <label
            key={String(choice)}
            className="has-checked:bg-raised has-checked:text-text text-soft hover:text-text flex h-9 items-center rounded px-3 text-[13px] has-focus-visible:outline-2 has-focus-visible:outline-offset-2 max-md:h-11"
          >
            <input
              type="radio"
              name="where"
              className="sr-only"
              checked={range === choice}
              onChange={() => setRange(choice)}
            />
            {choice ? words.subnet : words.ownNetwork}
          </label>
        ))}
      </div>
      <Button type="submit" className="h-10 max-md:h-12" disabled={busy}>
        <Radar className={busy ? "animate-pulse" : undefined} /> {scanned ? words.searchAgain : words.search}
      </Button>
      {range && (
        <div className="basis-full">
          <TextField
            label={words.subnetLabel}
            placeholder="192.168.1.0/24"
            value={text}
            onChange={(e) => setText(e.target.value)}
            inputMode="decimal"
            hint={words.subnetHint}
            error={wrong ? words.subnetInvalid : error}
            className="sm:max-w-96"
          />
        </div>
      )}
    </form>
  );
}
