import { afterEach, expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import { chooseLanguage } from "@/i18n/language";
import { lineProblem, listProblems } from "./listProblems";

afterEach(() => chooseLanguage(null));

const refused = (...fields: { code: string; message: string }[]) => {
  const problem = {
    status: 400,
    code: "invalidInput",
    title: "The input is not valid",
    fields: fields.map((f) => ({ field: "$", ...f })),
  };
  return { problem, error: new ApiError(problem) };
};

test("what is wrong with the columns is said once each, with the server's word for the column", () => {
  const message = 'There is no column "adress"; use id, name';
  const { problem, error } = refused({ code: "unknownColumn", message }, { code: "notUtf8", message: "x" });
  expect(listProblems(problem, error)).toEqual([message, expect.stringContaining("UTF-8")]);
});

test("a file that is too large says what the server says", () => {
  const error = new ApiError({ status: 413, code: "bodyTooLarge", title: "The body is too large" });
  expect(listProblems(error.problem, error)).toEqual(["The body is too large"]);
});

test("a line says which of its cells is wrong, in the language of the moment", () => {
  const line = {
    line: 3,
    name: "Gate",
    code: "invalidInput",
    detail: null,
    fields: [
      { field: "mainUrl", code: "invalidUrl", message: "Use rtsp://" },
      { field: "enabled", code: "invalidValue", message: "Use true or false" },
    ],
  };
  expect(lineProblem(line)).toBe("mainUrl: Use rtsp://. enabled: Use true or false");
  chooseLanguage("de");
  expect(lineProblem(line)).toContain("enabled: Dieser Wert ist nicht möglich");
});

test("a camera that is there already is no mistake of its line", () => {
  expect(lineProblem({ line: 2, name: "Gate", code: "duplicate", detail: "x", fields: [] })).toBe("is there already");
});
