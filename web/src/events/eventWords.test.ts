import { Bell, CameraOff, Car, Cctv } from "lucide-react";
import { describe, expect, it } from "vitest";
import { eventIcon } from "./eventIcons";
import { classWords, eventKindOf, eventTypes, eventWords, reasonWords } from "./eventWords";

describe("what events are called", () => {
  it("says types it does not know in plain words", () => {
    expect(eventWords("object.person")).toBe("Person");
    expect(eventWords("door.forcedOpen")).toBe("Door forced open");
    expect(classWords("car")).toBe("Car");
    expect(classWords("teddy bear")).toBe("Teddy bear");
  });

  it("says why in words, and keeps what is told in words", () => {
    expect(reasonWords("fallingBehind")).toBe("Cameras fall behind");
    expect(reasonWords("The disk does not answer")).toBe("The disk does not answer");
  });

  it("gives no two types of one kind the same word: people choose by them", () => {
    const said = eventTypes().map((type) => `${eventKindOf(type)} ${eventWords(type)}`);
    expect(said.filter((word, i) => said.indexOf(word) !== i)).toEqual([]);
  });

  it("takes the icon of what a type begins with when it has none of its own", () => {
    expect(eventIcon("object.vehicle")).toBe(Car);
    expect(eventIcon("camera.unreachable")).toBe(CameraOff);
    expect(eventIcon("camera.device.changed")).toBe(Cctv);
    expect(eventIcon("door.opened")).toBe(Bell);
  });
});
