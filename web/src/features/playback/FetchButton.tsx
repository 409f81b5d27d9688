import { CloudDownload } from "lucide-react";
import type { Camera } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { useNow } from "@/components/useNow";
import { Button } from "@/components/ui/Button";
import type { Span } from "@/timeline/footage";
import { fetchable, mayHaveRecorded } from "./fetchable";
import type { Fetching } from "./useFetching";
import { words } from "./words";

/** Offers to fetch what is missing from the device that may have it. Not there where nothing is, nor for whoever may not ask for it. */
export function FetchButton({ camera, span, fetching }: { camera: Camera; span: Span | null; fetching: Fetching }) {
  const may = useMayFor()("recordings.start", camera);
  const now = useNow();
  const asked = span && fetchable(span, now);
  if (!may || !asked || !mayHaveRecorded(camera)) return null;
  return (
    <Button
      size="sm"
      className="max-md:h-11"
      title={words.fetchTitle}
      disabled={fetching.isBusy(camera.id)}
      onClick={() => fetching.begin(camera, asked)}
    >
      <CloudDownload /> {camera.nvrId ? words.fetchFromRecorder : words.fetchFromCamera}
    </Button>
  );
}
