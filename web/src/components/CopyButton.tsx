import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { copyText } from "./copyText";
import { Button } from "./ui/Button";
import { words } from "./words";

/** Puts a text on the clipboard, and says so. */
export function CopyButton({ text, className }: { text: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Button size="sm" className={className ?? "max-md:h-11"} onClick={() => void copy()}>
      {copied ? <Check /> : <Copy />}
      <span aria-live="polite">{copied ? words.copied : words.copy}</span>
    </Button>
  );
}
