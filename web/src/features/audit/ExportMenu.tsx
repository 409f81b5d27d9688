import { Download } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { toast } from "sonner";
import { auditFile, type AuditFilter } from "@/api/audit";
import { saveBlob } from "@/components/saveText";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** The log of the chosen time as a file. */
export function ExportMenu({ filter }: { filter: AuditFilter }) {
  const [busy, setBusy] = useState(false);
  async function save(format: "csv" | "jsonl") {
    setBusy(true);
    try {
      const { name, blob } = await auditFile(format, filter);
      saveBlob(name, blob);
      toast(words.exported(name));
    } catch (error) {
      toast.error(error instanceof Error ? error.message : pageWords.unexpected);
    } finally {
      setBusy(false);
    }
  }
  const item = "data-highlighted:bg-line flex h-9 cursor-pointer items-center rounded-md px-3 outline-none max-md:h-11";
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button className="max-md:h-11" disabled={busy} title={words.exportHint}>
          <Download /> {busy ? pageWords.loadingMore : words.export}
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} className="bg-raised z-50 rounded-lg border p-1 shadow-2xl">
          <DropdownMenu.Item className={item} onSelect={() => void save("csv")}>
            {words.csv}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={() => void save("jsonl")}>
            {words.jsonl}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
