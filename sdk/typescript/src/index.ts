export { Vms, type VmsOptions } from "./client.js";
export { VmsProblem, type FieldProblem } from "./problem.js";
export type { Tokens } from "./session.js";
export type { CameraRemoved, CameraStateChanged, EventHappened, FeedError, FeedMessage } from "./feed.js";
export type { Answer, Item, Method, Options, PathOf, RequestOptions } from "./types.js";
export type { components, operations, paths } from "./schema.js";
