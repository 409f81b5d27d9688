// What the API answers and takes, by the names that this client's pages use. Generated from the API document; times are ISO 8601 UTC.
import type { components } from "vms-client";

/** By the document's own names. */
export type Schemas = components["schemas"];

export type Camera = Schemas["CameraView"];
export type CameraInput = Schemas["CameraRequest"];
export type CameraStream = Schemas["StreamView"];

export type RecordingInput = Schemas["RecordingRequest"];
export type RecordingMode = Camera["recording"]["mode"];
export type RecordedStream = Camera["recording"]["stream"];
export type RecordingFormat = Camera["recording"]["format"];
export type ScheduleEntry = Schemas["ScheduleView"];
export type ReadBack = Schemas["ReadBackView"];
export type Timeline = Schemas["TimelineView"];

export type Me = Schemas["MeResponse"];
/** What an account can be allowed to do. */
export type Permission = Me["permissions"][number];

/** What is allowed for everything (`tenant`), or for one site, camera group or camera. */
export type MeScope = Schemas["ScopeView"];
