import { Linter } from "eslint";
import tseslint from "typescript-eslint";
import { expect, test } from "vitest";
import words from "./lint-words.js";

const config = {
  files: ["**/*.tsx"],
  languageOptions: { parser: tseslint.parser },
  plugins: { words },
  rules: { "words/literal": "error", "words/kept": "error" },
};
const found = (code) => new Linter().verify(code, config, "Page.tsx").map((m) => m.ruleId);

test.each([
  "const a = <p>Try again</p>;",
  'const a = <p>{busy ? "Saving…" : words.save}</p>;',
  "const a = <p>{`${n} cameras`}</p>;",
  'const a = <Button title="Delete" />;',
  "const a = <input placeholder={known ? `about ${size}` : undefined} />;",
  'toast("The export is being made");',
  'const why = { message: "No video arrived." };',
])("refuses words that are in no catalogue: %s", (code) => {
  expect(found(code)).toContain("words/literal");
});

test.each([
  'const a = () => <p className="text-soft mt-1">{words.save}</p>;',
  "const a = () => <p>{name} · {words.state} 16 × 9</p>;",
  "const a = <option>MP4</option>;",
  'const a = <input placeholder="rtsp://192.168.1.20/stream1" />;',
  'call("GET", `/api/cameras/${id}`);',
  'if (e.key === "ArrowLeft") go();',
])("leaves alone what no language says otherwise: %s", (code) => {
  expect(found(code)).toEqual([]);
});

test("words are read where they are shown, not as a module loads", () => {
  expect(found("const names = { main: words.main };")).toEqual(["words/kept"]);
  expect(found("const nameOf = () => words.main;")).toEqual([]);
});
