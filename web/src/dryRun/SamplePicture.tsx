import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { asSignedIn } from "@/api/client";
import { Skeleton } from "@/components/States";
import { NoPicture, RecordedPicture } from "@/picture/RecordedPicture";

/**
 * What was to be seen: a still of it, else what was recorded then.
 * @param url of the still; `null`: there is none
 */
export function SamplePicture({ cameraId, at, url }: { cameraId: string | null; at: string; url: string | null }) {
  const className = "aspect-video w-full rounded-md";
  if (url) return <Still url={url} className={className} />;
  if (!cameraId) return <NoPicture className={className} />;
  return <RecordedPicture cameraId={cameraId} from={at} to={at} exactAt={Date.parse(at)} className={className} />;
}

/** Behind the API, which an `img` alone cannot sign in to. */
function Still({ url, className }: { url: string; className: string }) {
  const blob = useQuery({
    queryKey: ["event-picture", url],
    queryFn: async ({ signal }) => (await asSignedIn(url, { signal })).blob(),
    staleTime: Infinity,
    retry: false,
  });
  const shown = useObjectUrl(blob.data);
  if (blob.isPending) return <Skeleton className={className} />;
  if (!shown) return <NoPicture className={className} />;
  return <img src={shown} alt="" className={`${className} bg-black object-contain`} />;
}

function useObjectUrl(blob: Blob | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return;
    const made = URL.createObjectURL(blob);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the address is made for as long as this is shown, and given back with it
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
