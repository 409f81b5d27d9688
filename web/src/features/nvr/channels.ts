import type { NvrChannelView } from "@/api/nvr";

type Channel = Pick<NvrChannelView, "channel" | "online" | "cameraId">;

/** Those that can become cameras: not there yet, and not known to have nothing connected. */
export const isChoosable = (channel: Channel) => channel.cameraId == null;

/** What is chosen when nobody has chosen yet: all that is not a camera and not offline. */
export const firstChoice = (channels: readonly Channel[]): string[] =>
  channels.filter((c) => isChoosable(c) && c.online !== false).map((c) => c.channel);

/** `192.168.1.5:8000` as the connection takes it. */
export function hostAndPort(address: string): { ip: string; port?: number } {
  const url = new URL(`http://${address.includes("::") && !address.startsWith("[") ? `[${address}]` : address}`);
  const ip = url.hostname.replace(/^\[|\]$/g, "");
  return url.port ? { ip, port: Number(url.port) } : { ip };
}
