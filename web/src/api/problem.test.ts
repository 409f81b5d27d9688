import { afterEach, expect, test } from "vitest";
import { chooseLanguage } from "@/i18n/language";
import { ApiError, problemOf } from "./problem";

const refused = (body: object) => problemOf(new Response(JSON.stringify(body), { status: 400 }));
const wrongInput = {
  code: "invalidInput",
  title: "The input is not valid",
  detail: "name: A name is required.",
  fields: [
    { field: "name", code: "required", message: "A name is required" },
    { field: "mainUrl", code: "somethingNew", message: "Say it otherwise" },
  ],
};

afterEach(() => chooseLanguage(null));

test("in English the server's own words are shown", async () => {
  const error = new ApiError(await refused(wrongInput));
  expect(error.message).toBe("The input is not valid. name: A name is required.");
  expect(error.field("name")).toBe("A name is required");
});

test("in German a problem is said by its code, and what has no translation as the server says it", async () => {
  chooseLanguage("de");
  const error = new ApiError(await refused(wrongInput));
  expect(error.message).toBe("Die Eingabe ist nicht gültig");
  expect([error.field("name"), error.field("mainUrl")]).toEqual(["Bitte ausfüllen", "Say it otherwise"]);
  const unknown = await refused({ code: "neverHeardOf", title: "Something new", detail: "Do this." });
  expect(new ApiError(unknown).message).toBe("Something new. Do this.");
});

test("an answer that is no problem document says its status", async () => {
  const gateway = () => problemOf(new Response("<html>", { status: 502 }));
  expect((await gateway()).title).toBe("The server answered 502");
  chooseLanguage("de");
  expect(await gateway()).toMatchObject({ code: "http502", title: "Der Server hat mit 502 geantwortet" });
});
