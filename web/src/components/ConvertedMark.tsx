import { codecWords } from "./cameraWords";

/** Says that what is shown is not what the camera sent or what is recorded. */
export function ConvertedMark({ codec }: { codec: string | null | undefined }) {
  return (
    <div
      data-testid="converted"
      title="This browser cannot play the camera's video format, so the server converts it. Recordings are never converted."
      className="text-soft rounded bg-black/55 px-1.5 py-0.5 text-[11px]"
    >
      Converted from {codecWords(codec)}
    </div>
  );
}
