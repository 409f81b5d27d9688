import { Cctv, ChevronLeft } from "lucide-react";
import { Link, useParams } from "react-router";
import { useCameras } from "@/api/cameras";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { AnalyticsEditor } from "./AnalyticsEditor";
import { words } from "./words";

/** What the server looks for in one camera's pictures, drawn on them. The selected shape stands in the address. */
export function AnalyticsPage() {
  const { id = "" } = useParams();
  const cameras = useCameras();
  const camera = cameras.data?.find((c) => c.id === id);
  if (cameras.isPending)
    return (
      <div
        className="grid gap-6 p-4 md:p-6 lg:grid-cols-[minmax(0,1fr)_24rem]"
        role="status"
        aria-label={pageWords.loading}
      >
        <Skeleton className="aspect-video" />
        <Skeleton className="h-96" />
      </div>
    );
  if (cameras.isError && !camera)
    return <QueryError what={pageWords.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (!camera)
    return (
      <EmptyState icon={<Cctv />} title={words.gone} detail={words.goneDetail}>
        <Button asChild>
          <Link to="/cameras">{words.allCameras}</Link>
        </Button>
      </EmptyState>
    );
  return (
    <div className="p-4 md:px-6 md:py-4">
      <header className="mb-3 flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <Link
          to={`/cameras/${camera.id}`}
          className="text-soft hover:text-text inline-flex items-center gap-1 text-[13px] max-md:min-h-11"
        >
          <ChevronLeft className="size-4" aria-hidden /> {camera.name}
        </Link>
        <h1 className="text-lg font-semibold">{words.title}</h1>
      </header>
      <AnalyticsEditor key={camera.id} camera={camera} />
    </div>
  );
}
