import { Plus } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { parseAddress, type Candidate } from "./found";
import { words } from "./words";

/** For a device that does not answer a search: its address puts it into the list. */
export function AddByAddress({ onAdd }: { onAdd: (device: Candidate) => void }) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const device = parseAddress(text);
    setWrong(device === null);
    if (!device) return;
    setText("");
    onAdd(device);
  }

  return (
    <details className="border-t pt-3">
      <summary className="text-soft hover:text-text py-2 text-[13px]">{words.byAddress}</summary>
      <form onSubmit={onSubmit} className="mt-2 flex flex-wrap items-start gap-x-3 gap-y-2">
        <TextField
          label={words.addressLabel}
          placeholder="192.168.1.20"
          value={text}
          onChange={(e) => setText(e.target.value)}
          inputMode="url"
          autoCapitalize="off"
          error={wrong ? words.addressInvalid : undefined}
          className="min-w-56 flex-1 sm:max-w-96"
        />
        <div className="flex gap-2 sm:mt-6.5">
          <Button type="submit" className="h-10 max-md:h-11">
            <Plus /> {words.toList}
          </Button>
          <Button variant="ghost" className="h-10 max-md:h-11" asChild>
            <Link to="/cameras?edit=new">{words.byStream}</Link>
          </Button>
        </div>
      </form>
    </details>
  );
}
