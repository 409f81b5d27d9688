// node tools/lint.mjs DOCUMENT: one line for each thing that is wrong with the API document; exit code 1 where there is one.
import { createConfig, lint } from "@redocly/openapi-core";
import { plugin } from "./rules.mjs";

const off = [
  "info-license", // not an API that anybody offers to others
  "no-empty-servers", // where it runs is not part of the contract
  "operation-2xx-response", // WebSockets answer 101: vms/answers-something
  "operation-4xx-problem-details-rfc7807", // it wants a type that says something; ours has code: vms/failures-are-problems
];
const on = [
  "component-name-unique",
  "no-ambiguous-paths",
  "no-duplicated-tag-names",
  "no-http-verbs-in-paths",
  "no-mixed-number-range-constraints",
  "no-required-schema-properties-undefined",
  "no-schema-type-mismatch",
  "no-unused-components",
  "operation-operationId",
  "operation-operationId-unique",
  "operation-operationId-url-safe",
  "operation-parameters-unique",
  "operation-summary",
  "operation-tag-defined",
  "path-not-include-query",
  "path-params-defined",
  "security-defined",
  "spec-strict-refs",
  "tag-description",
  ...Object.keys(plugin.rules.oas3).map((rule) => `vms/${rule}`),
];

const [document] = process.argv.slice(2);
if (!document) throw new Error("usage: node tools/lint.mjs DOCUMENT");
const config = await createConfig({
  extends: ["recommended-strict"],
  plugins: [plugin],
  rules: Object.fromEntries([...on.map((rule) => [rule, "error"]), ...off.map((rule) => [rule, "off"])]),
});
const problems = await lint({ ref: document, config });
for (const problem of problems)
  console.error(`${problem.ruleId}: ${decodeURIComponent(problem.location[0].pointer ?? "").replaceAll("~1", "/")}: ${problem.message}`);
if (problems.length > 0) {
  console.error(`${problems.length} problems in ${document}`);
  process.exitCode = 1;
}
