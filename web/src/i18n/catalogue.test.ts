import { afterEach, describe, expect, it } from "vitest";
import { catalogue, wordFor } from "./catalogue";
import { number, timeFormat } from "./formats";
import { chooseLanguage, chosenLanguage, language, preferred } from "./language";

const words = catalogue(
  { live: "Live", found: (n: number) => `${n} ${n === 1 ? "camera" : "cameras"}`, states: { online: "Online" } },
  { live: "Live", found: (n) => `${n} ${n === 1 ? "Kamera" : "Kameras"}`, states: { online: "Verbunden" } },
);

afterEach(() => chooseLanguage(null));

describe("words", () => {
  it("are those of the language of the moment", () => {
    expect(words.found(1)).toBe("1 camera");
    chooseLanguage("de");
    expect(words.found(2)).toBe("2 Kameras");
    expect(words.states.online).toBe("Verbunden");
  });

  it("do not compile when German lacks one, has another one, or says it with other parts", () => {
    // @ts-expect-error: lacks a word
    catalogue({ live: "Live", playback: "Playback" }, { live: "Live" });
    // @ts-expect-error: a word that English does not have
    catalogue({ live: "Live" }, { live: "Live", playback: "Wiedergabe" });
    // @ts-expect-error: not a sentence that takes a number
    catalogue({ found: (n: number) => `${n}` }, { found: (n: Date) => n.toISOString() });
    expect.assertions(0);
  });

  it("for a name of the server are not those that every object has", () => {
    expect(wordFor(words.states, "online")).toBe("Online");
    expect(wordFor(words.states, "toString")).toBeUndefined();
    expect(wordFor(words.states, null)).toBeUndefined();
  });
});

describe("the language", () => {
  it.each([
    [["de-AT", "en"], "de"],
    [["fr", "DE"], "de"],
    [["en-GB", "de"], "en"],
    [["fr", "deu"], "en"],
    [[], "en"],
  ])("of a browser that asks for %j is %s", (wished, expected) => expect(preferred(wished)).toBe(expected));

  it("is kept once it is chosen, and said to the browser", () => {
    chooseLanguage("de");
    expect([language(), chosenLanguage(), localStorage.getItem("vms.language")]).toEqual(["de", "de", "de"]);
    expect(document.documentElement.lang).toBe("de");
    chooseLanguage(null);
    expect([language(), chosenLanguage(), localStorage.getItem("vms.language")]).toEqual(["en", null, null]);
    expect(document.documentElement.lang).toBe("en");
  });

  it("is the same in every tab", () => {
    localStorage.setItem("vms.language", "de");
    window.dispatchEvent(new StorageEvent("storage", { key: "vms.language", newValue: "de" }));
    expect(language()).toBe("de");
  });

  it("decides how numbers and times are written", () => {
    const month = timeFormat({ month: "long", timeZone: "UTC" });
    expect([number(1234.5, 1), month(Date.UTC(2026, 11, 1))]).toEqual(["1234.5", "December"]);
    chooseLanguage("de");
    expect([number(1234.5, 1), month(Date.UTC(2026, 11, 1))]).toEqual(["1234,5", "Dezember"]);
  });
});
