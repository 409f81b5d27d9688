import { expect, it } from "vitest";
import { problemCode } from "./problemCode";

const problem = JSON.stringify({ status: 403, code: "accessRevoked" });

it("reads the code of a refused playlist and of a refused segment", () => {
  expect(problemCode({ response: problem })).toBe("accessRevoked");
  expect(problemCode({ response: new TextEncoder().encode(problem).buffer })).toBe("accessRevoked");
});

it.each([
  null,
  undefined,
  {},
  { response: null },
  { response: "<html>Forbidden</html>" },
  { response: "{}" },
  { response: '{"code":403}' },
])("knows of no code where none is: %j", (request) => expect(problemCode(request)).toBeNull());
