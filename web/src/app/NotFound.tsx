import { Link } from "react-router";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/States";
import { words } from "./words";

export function NotFound() {
  return (
    <EmptyState title={words.notFound} detail={words.notFoundDetail}>
      <Button asChild>
        <Link to="/">{words.goToWall}</Link>
      </Button>
    </EmptyState>
  );
}
