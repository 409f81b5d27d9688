import { ChevronLeft } from "lucide-react";
import { Link } from "react-router";
import { Needs } from "@/components/Needs";
import { FindCameras } from "./FindCameras";
import { words } from "./words";

/** Searches for cameras and adds them. */
export function FindPage() {
  return (
    <div className="mx-auto max-w-4xl p-4 md:p-8">
      <Link to="/cameras" className="text-soft hover:text-text mb-3 inline-flex items-center gap-1 text-[13px]">
        <ChevronLeft className="size-4" aria-hidden /> {words.back}
      </Link>
      <h1 className="text-xl font-semibold">{words.title}</h1>
      <p className="text-soft mt-1 mb-6 max-w-prose">{words.lead}</p>
      <Needs all={["devices.discover", "cameras.write"]} what={words.theSearch}>
        <FindCameras />
      </Needs>
    </div>
  );
}
