import { beforeEach, expect, test } from "vitest";
import { chooseLanguage } from "@/i18n/language";
import { publishCommand } from "./publishCommand";
import { targetWords } from "./targetWords";

beforeEach(() => chooseLanguage("en"));

test("the line that tries a sensor's account reports one event of it, in TLS", () => {
  const sensor = {
    sensor: {
      id: "s7",
      name: "Gate contact",
      siteId: "default",
      subject: "vms.events.default.s7.>",
      createdBy: "admin",
      createdAt: "2026-01-01T00:00:00Z",
    },
    port: 4222,
    password: "abc",
  };
  expect(publishCommand(sensor, "vms.example")).toBe(
    `nats pub --server tls://s7:abc@vms.example:4222 vms.events.default.s7.test '{"data": {}}'`,
  );
  expect(publishCommand(sensor, "2001:db8::1")).toContain("@[2001:db8::1]:4222 ");
});

test("where a message was for is said by name; one that is gone stands for itself", () => {
  const webhooks = [{ id: "w1", name: "Gate" }];
  expect(targetWords({ channel: "webhook", target: "w1" }, webhooks)).toBe("Webhook Gate");
  expect(targetWords({ channel: "webhook", target: "w2" }, webhooks)).toBe("Webhook w2");
  expect(targetWords({ channel: "email", target: "a@example.org" }, undefined)).toBe("Mail to a@example.org");
  expect(targetWords({ channel: "bus", target: "EVENTS" }, undefined)).toBe("To other services");
  expect(targetWords({ channel: "pigeon", target: "x" }, undefined)).toBe("pigeon x");
});
