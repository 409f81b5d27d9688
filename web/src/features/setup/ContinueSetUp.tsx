import { Link } from "react-router";
import { Button } from "@/components/ui/Button";
import { leftStep } from "./progress";
import { words } from "./words";

/** The way back into a set-up that was left in this browser; nothing when none was. */
export function ContinueSetUp({ size }: { size?: "sm" }) {
  if (leftStep() === null) return null;
  return (
    <Button asChild size={size} className="max-md:h-11">
      <Link to="/setup">{words.continueSetUp}</Link>
    </Button>
  );
}
