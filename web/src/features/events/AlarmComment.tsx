import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/Button";
import { words } from "./words";

/** The server takes no longer one. */
const longest = 2000;

/** Writes something down about an alarm. What was typed stays until the server has it. */
export function AlarmComment({ onSend }: { onSend: (text: string) => Promise<boolean> }) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  async function onSubmit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    if (await onSend(text.trim())) setText("");
    setBusy(false);
  }
  return (
    <form onSubmit={(e) => void onSubmit(e)} className="space-y-2">
      <textarea
        aria-label={words.comment}
        placeholder={words.comment}
        value={text}
        maxLength={longest}
        rows={2}
        onChange={(e) => setText(e.target.value)}
        className="bg-ground placeholder:text-faint hover:border-faint w-full rounded-md border px-3 py-2"
      />
      <Button type="submit" size="sm" className="max-md:h-11" disabled={busy || text.trim() === ""}>
        {words.addComment}
      </Button>
    </form>
  );
}
