import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { number } from "@/i18n/formats";
import { merged, parsePlates, type Entry } from "./plates";
import { words } from "./words";

/** Named in full up to so many. */
const namedLines = 8;

/** Many plates at once: pasted, or out of a file. Says before adding what becomes of them. */
export function PasteDialog({
  before,
  room,
  onAdd,
  onClose,
}: {
  before: readonly Entry[];
  room: number;
  onAdd: (entries: Entry[]) => void;
  onClose: () => void;
}) {
  const [text, setText] = useState("");
  const { entries, refused } = parsePlates(text);
  const more = merged(before, entries).length - before.length;
  const tooMany = before.length + more > room;
  return (
    <Dialog
      title={words.addMany}
      description={words.pasteLead}
      unsaved={text !== ""}
      onClose={onClose}
      className="sm:w-[36rem]"
    >
      <div className="space-y-3">
        <textarea
          aria-label={words.pasteHere}
          placeholder={words.pasteExample}
          value={text}
          autoFocus
          spellCheck={false}
          rows={10}
          onChange={(e) => setText(e.target.value)}
          className="bg-ground tabular w-full rounded-md border p-3"
        />
        <label className="text-soft block text-[13px]">
          {words.orFile}
          <input
            type="file"
            accept=".csv,.txt,text/csv,text/plain"
            className="mt-1 block max-w-full"
            onChange={(e) => {
              const file = e.target.files?.[0];
              if (file) void file.text().then(setText);
            }}
          />
        </label>
        <p aria-live="polite" className="text-[13px]">
          {text.trim() !== "" && words.wouldAdd(more, number(more), entries.length - more)}
        </p>
        {refused.length > 0 && (
          <p className="text-warn text-[13px]">
            {words.noPlateIn(
              refused.length,
              refused.slice(0, namedLines).join(", ") + (refused.length > namedLines ? " …" : ""),
            )}
          </p>
        )}
        {tooMany && <p className="text-alarm text-[13px]">{words.tooMany(number(room))}</p>}
        <div className="flex justify-end gap-2">
          <CancelButton />
          <Button
            variant="primary"
            className="max-md:h-11"
            disabled={entries.length === 0 || tooMany}
            onClick={() => onAdd(entries)}
          >
            {words.addThese(entries.length, number(entries.length))}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
