import type { ReactNode } from "react";
import type { DetectionView } from "@/api/detections";
import { When } from "@/components/When";
import { dayAndClock, zoneName } from "@/components/time";
import { classWords, eventWords } from "@/events/eventWords";
import { number } from "@/i18n/formats";
import { lengthOf, nameOf, shortHash } from "./detection";
import { words } from "./words";

/** All that is known of an object. */
export function DetectionFacts({ detection }: { detection: DetectionView }) {
  const at = Date.parse(detection.at);
  const length = lengthOf(detection);
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5 text-[13px]">
      <Fact name={words.camera}>
        {detection.cameraName ?? words.goneCamera}
        {detection.siteName && <span className="text-soft"> · {detection.siteName}</span>}
      </Fact>
      <Fact name={words.seen}>
        <time dateTime={detection.at} title={detection.at} className="tabular">
          {dayAndClock(at)} {zoneName(at)}
        </time>
      </Fact>
      {detection.matchedAt && (
        <Fact name={words.matched}>
          <time dateTime={detection.matchedAt} title={detection.matchedAt} className="tabular">
            {dayAndClock(Date.parse(detection.matchedAt))}
          </time>
        </Fact>
      )}
      <Fact name={words.length}>{length ?? words.stillThere}</Fact>
      <Fact name={words.class}>{detection.vehicleType ? eventWords(detection.type) : nameOf(detection)}</Fact>
      {detection.vehicleType && <Fact name={words.vehicleType}>{classWords(detection.vehicleType)}</Fact>}
      {detection.plate && (
        <Fact name={words.plate}>
          <span className="tabular font-medium">{detection.plate}</span>
          {detection.plateCountry && <span className="text-soft"> ({detection.plateCountry})</span>}
        </Fact>
      )}
      {detection.confidence !== null && (
        <Fact name={words.confidence}>{`${number(detection.confidence * 100)} %`}</Fact>
      )}
      {detection.box && <Fact name={words.size}>{words.ofHeight(number(detection.box[3]! * 100))}</Fact>}
      {detection.modelHash && (
        <Fact name={words.model}>
          <code title={detection.modelHash}>{shortHash(detection.modelHash)}</code>
        </Fact>
      )}
      {detection.state !== "new" && (
        <Fact name={words.review}>
          {detection.state === "false" ? words.states.false : words.states.confirmed}
          {detection.reviewedAt && (
            <span className="text-soft">
              {" "}
              · {detection.reviewedBy} <When at={detection.reviewedAt} />
            </span>
          )}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
