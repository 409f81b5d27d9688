import { codecWords } from "./cameraWords";
import { words } from "./words";

/** Says that what is shown is not what the camera sent or what is recorded. */
export function ConvertedMark({ codec }: { codec: string | null | undefined }) {
  return (
    <div
      data-testid="converted"
      title={words.whyConverted}
      className="text-soft rounded bg-black/55 px-1.5 py-0.5 text-[11px]"
    >
      {words.convertedFrom(codecWords(codec))}
    </div>
  );
}
