import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./call";

/** What a camera's device says of itself, as of the last time it was asked. */
export interface DeviceView {
  onvif: boolean;
  maker?: string | null;
  model?: string | null;
  firmware?: string | null;
  serialNumber?: string | null;
  hardwareId?: string | null;
  address?: string | null;
  checkedAt?: string | null;
  /** Why it could not be asked. */
  problem?: { code: string; detail: string } | null;
  clock?: {
    /** The device's clock less ours. */
    offsetMs: number;
    checkedAt: string;
    /** It sets its clock by a time server. */
    ntp?: boolean | null;
  } | null;
  can: DeviceAbilities;
  /** Where its events come from: the device is asked, they come with the stream, or nowhere. */
  events?: "pullPoint" | "metadata" | "none";
  /** Why it is asked for events in vain. */
  eventsProblem?: { code: string; detail: string } | null;
  /** What changed of it since it was added: a firmware, a replacement. Newest first. */
  changes: { at: string; what: string; was?: string | null; now?: string | null }[];
}

export interface DeviceAbilities {
  ptz: boolean;
  imaging: boolean;
  relays: boolean;
  digitalInputs: boolean;
  events: boolean;
}

const notAskedMs = 5_000;

/** @param enabled nothing is asked without it */
export function useDevice(cameraId: string, enabled = true) {
  return useQuery({
    queryKey: ["device", cameraId],
    enabled,
    staleTime: 60_000,
    queryFn: ({ signal }) => call<DeviceView>("GET", `/api/cameras/${cameraId}/device`, undefined, signal),
    // A camera that was just added is asked by itself, soon.
    refetchInterval: ({ state }) => (state.data && !state.data.checkedAt ? notAskedMs : 60_000),
  });
}

/** Asks the device anew; takes as long as it takes to answer. */
export function useCheckDevice(cameraId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call<DeviceView>("POST", `/api/cameras/${cameraId}/device/check`),
    onSuccess: (device) => queries.setQueryData(["device", cameraId], device),
  });
}

/** A setting with the range that the device takes. */
export interface ImagingLevel {
  value: number;
  min: number;
  max: number;
}

/** How the picture is made; absent is what the device does not have. */
export interface ImagingView {
  brightness?: ImagingLevel | null;
  contrast?: ImagingLevel | null;
  saturation?: ImagingLevel | null;
  sharpness?: ImagingLevel | null;
  irCut?: { value: IrCut; values?: IrCut[] } | null;
  wideDynamicRange?: { on: boolean; level?: ImagingLevel | null } | null;
  backlightCompensation?: boolean | null;
  focus?: { mode: "auto" | "manual"; canMove?: boolean } | null;
}

/** The filter that keeps infrared light out: on by day, off by night. */
export type IrCut = "on" | "off" | "auto";

export interface ImagingRequest {
  brightness?: number;
  contrast?: number;
  saturation?: number;
  sharpness?: number;
  irCut?: IrCut;
  wideDynamicRange?: { on?: boolean; level?: number };
  backlightCompensation?: boolean;
  focus?: { mode: "auto" | "manual" };
}

const imagingKey = (cameraId: string) => ["imaging", cameraId];

export function useImaging(cameraId: string) {
  return useQuery({
    queryKey: imagingKey(cameraId),
    queryFn: ({ signal }) => call<ImagingView>("GET", `/api/cameras/${cameraId}/imaging`, undefined, signal),
    refetchOnWindowFocus: false,
  });
}

/** What it will be when the device takes it. */
export function withChange(view: ImagingView, change: ImagingRequest): ImagingView {
  const next = { ...view };
  for (const name of ["brightness", "contrast", "saturation", "sharpness"] as const) {
    const [level, value] = [view[name], change[name]];
    if (level && value !== undefined) next[name] = { ...level, value };
  }
  if (view.irCut && change.irCut) next.irCut = { ...view.irCut, value: change.irCut };
  if (view.wideDynamicRange && change.wideDynamicRange) {
    const { on = view.wideDynamicRange.on, level: value } = change.wideDynamicRange;
    const level = view.wideDynamicRange.level;
    next.wideDynamicRange = { on, ...(level ? { level: value === undefined ? level : { ...level, value } } : {}) };
  }
  if (change.backlightCompensation !== undefined) next.backlightCompensation = change.backlightCompensation;
  if (view.focus && change.focus) next.focus = { ...view.focus, ...change.focus };
  return next;
}

export function useChangeImaging(cameraId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: ImagingRequest) => call<ImagingView>("PATCH", `/api/cameras/${cameraId}/imaging`, change),
    // A device takes a second for it; a switch moves at once.
    onMutate: (change) =>
      queries.setQueryData<ImagingView>(imagingKey(cameraId), (view) => view && withChange(view, change)),
    onSuccess: (imaging) => queries.setQueryData(imagingKey(cameraId), imaging),
    // It may have taken another value than it was sent.
    onError: () => queries.invalidateQueries({ queryKey: imagingKey(cameraId) }),
  });
}

/** @param speed -1 (near) to 1 (far); it moves until it is stopped. */
export const moveFocus = (cameraId: string, speed: number) =>
  call<void>("POST", `/api/cameras/${cameraId}/imaging/focus`, { speed });

export const stopFocus = (cameraId: string) => call<void>("POST", `/api/cameras/${cameraId}/imaging/focus/stop`);

export interface RelayView {
  id: string;
  /** bistable, or monostable: it falls back by itself. */
  mode: string;
  /** open or closed. */
  idle: string;
  /** Seconds after which a monostable one falls back. */
  delaySeconds?: number | null;
  /** As the device said last; absent where it does not. */
  state?: "active" | "inactive" | null;
}

export function useRelays(cameraId: string) {
  return useQuery({
    queryKey: ["relays", cameraId],
    queryFn: ({ signal }) => call<{ items: RelayView[] }>("GET", `/api/cameras/${cameraId}/relays`, undefined, signal),
  });
}

export function useSwitchRelay(cameraId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ relay, active }: { relay: string; active: boolean }) =>
      call<void>("POST", `/api/cameras/${cameraId}/relays/${encodeURIComponent(relay)}`, { active }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["relays", cameraId] }),
  });
}
