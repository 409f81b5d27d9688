import { ScanSearch } from "lucide-react";
import { Button } from "@/components/ui/Button";
import type { Motion } from "./useMotion";
import { words } from "./words";

/** Opens motion search, and closes it. */
export function MotionButton({ motion }: { motion: Motion }) {
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={words.search}
      aria-pressed={motion.isOpen}
      title={words.searchKey}
      className="aria-pressed:text-accent max-md:size-11"
      onClick={motion.isOpen ? motion.close : motion.open}
    >
      <ScanSearch />
    </Button>
  );
}
