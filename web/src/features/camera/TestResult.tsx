import { CircleCheck, TriangleAlert } from "lucide-react";
import { Link } from "react-router";
import type { TestCameraResponse } from "@/api/onboarding";
import { ApiError } from "@/api/problem";
import { codecWords } from "@/components/cameraWords";
import { Skeleton } from "@/components/States";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** What a test has brought: the picture that will be seen, or why there is none. */
export function TestResult({
  test,
}: {
  test: { isPending: boolean; data: TestCameraResponse | undefined; error: Error | null };
}) {
  if (test.isPending) return <Skeleton className="h-24" />;
  if (test.error)
    return (
      <p role="alert" className="bg-warn/10 text-warn flex gap-2 rounded-md px-3 py-2 text-[13px]">
        <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
        {test.error instanceof ApiError && test.error.problem.fields
          ? test.error.problem.fields.map((f) => f.message).join(" ")
          : test.error.message}
      </p>
    );
  if (!test.data) return null;
  const { device, streams, picture, known } = test.data;
  return (
    <div role="status" className="flex gap-3 rounded-md border p-3">
      {picture && <img src={picture} alt={words.testedPicture} className="h-20 rounded bg-black object-contain" />}
      <div className="min-w-0 text-[13px]">
        <p className="text-good flex items-center gap-1.5 font-medium">
          <CircleCheck className="size-4 shrink-0" aria-hidden /> {words.itAnswers}
        </p>
        {device && <p className="truncate">{[device.maker, device.model].filter(Boolean).join(" ")}</p>}
        {streams.map((s) => (
          <p key={s.role} className="text-soft tabular">
            {s.width} × {s.height} {codecWords(s.codec)}
            {s.fps ? ` · ${words.framesPerSecond(number(s.fps))}` : ""}
          </p>
        ))}
        {known && (
          <p className="text-warn">
            {words.knownAs}{" "}
            <Link to={`/cameras/${known.cameraId}`} className="underline">
              {known.name}
            </Link>
          </p>
        )}
      </div>
    </div>
  );
}
