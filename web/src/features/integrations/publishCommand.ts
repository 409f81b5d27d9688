import type { SensorWithPassword } from "@/api/sensors";

/** The command with which a sensor's account can be tried: it reports one event. */
export function publishCommand({ sensor, port, password }: SensorWithPassword, host: string): string {
  const subject = sensor.subject.replace(/>$/, "test");
  const server = `tls://${sensor.id}:${password}@${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
  return `nats pub --server ${server} ${subject} '{"data": {}}'`;
}
