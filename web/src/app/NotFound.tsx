import { Link } from "react-router";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/States";

export function NotFound() {
  return (
    <EmptyState title="There is nothing here" detail="The address is wrong, or the page was moved.">
      <Button asChild>
        <Link to="/live">Go to the live wall</Link>
      </Button>
    </EmptyState>
  );
}
