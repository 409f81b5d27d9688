// The rules of this API, beside those that hold for any: what the generated clients and their readers rely on.

const problem = "application/problem+json";
const methodsWithBody = new Set(["post", "put", "patch"]);

const at = (location, ...path) => path.reduce((place, key) => place.child(key), location);

/** Every operation answers something: 2xx, 101 where it opens a WebSocket, 302 where it sends a browser on. */
function AnswersSomething() {
  return {
    Operation(operation, { report, location }) {
      const statuses = Object.keys(operation.responses ?? {});
      if (!statuses.some((status) => status.startsWith("2") || status === "101" || status === "302"))
        report({ message: "The operation has no answer but failures.", location: at(location, "responses") });
    },
  };
}

/** Every failure is a problem document, so that a client finds a code in it. Health answers what it found with 503, too: probes look
 * at the status alone. */
function FailuresAreProblems() {
  return {
    Operation(operation, { report, location }) {
      if (operation.tags?.includes("Health")) return;
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        if (/^[45]/.test(status) && !response.content?.[problem])
          report({ message: `${status} is not described as ${problem}.`, location: at(location, "responses", status) });
      }
    },
  };
}

/** What follows from an operation's shape: 401 and 403 where a credential is asked for, 404 where the path names something,
 * 400, 413 and 415 where there is a body. */
function FailuresByShape() {
  return {
    Operation(operation, { report, location, key }) {
      const declared = new Set(Object.keys(operation.responses ?? {}));
      const expected = [];
      if (operation.security?.length) expected.push("401", "403");
      if (operation.parameters?.some((parameter) => parameter.in === "path")) expected.push("404");
      if (operation.requestBody && methodsWithBody.has(key)) expected.push("400", "413", "415");
      for (const status of expected)
        if (!declared.has(status)) report({ message: `The operation does not declare ${status}.`, location: at(location, "responses") });
    },
  };
}

/** What has an identity of its own beside the key: an event its id, a set-up its one-time token, a viewer's connection its offer. */
const createsByThemselves = new Set(["ReportEvent", "CompleteSetup", "ForwardWhepPost"]);

/** A POST that makes something (201) or begins a job (202) can be asked again: it takes an Idempotency-Key. */
function CreatesAnswerOnce() {
  return {
    Operation(operation, { report, location, key }) {
      const makes = "201" in (operation.responses ?? {}) || "202" in (operation.responses ?? {});
      if (key === "post" && makes && !createsByThemselves.has(operation.operationId) && !takesHeader(operation, "Idempotency-Key"))
        report({ message: "The create takes no Idempotency-Key (AnswersOnce).", location: at(location, "parameters") });
    },
  };
}

/** Where an answer of a path tells a version (ETag), changing and deleting there take it (If-Match). */
function ChangesCheckVersions() {
  return {
    PathItem(item, { report, location }) {
      const answers = ["get", "patch"].flatMap((method) => Object.values(item[method]?.responses ?? {}));
      if (!answers.some((answer) => answer.headers?.ETag)) return;
      for (const method of ["patch", "delete"])
        if (item[method] && !takesHeader(item[method], "If-Match"))
          report({ message: "What it changes has versions, and it takes no If-Match (ChecksVersion).", location: at(location, method) });
    },
  };
}



const takesHeader = (operation, name) =>
  (operation.parameters ?? []).some((parameter) => parameter.in === "header" && parameter.name === name);

/** A summary is a sentence. */
function SummariesAreSentences() {
  return {
    Operation(operation, { report, location }) {
      if (!/^\p{Lu}.*[.]$/su.test(operation.summary ?? ""))
        report({ message: "The summary is no sentence: it begins with a capital and ends with a full stop.", location: at(location, "summary") });
    },
  };
}

/** JSON objects in requests and answers have names: a client makes a type of each. */
function JsonIsNamed() {
  const check = ({ content }, location, report) => {
    const schema = content?.["application/json"]?.schema ?? content?.["application/merge-patch+json"]?.schema;
    const item = schema?.type === "array" ? schema.items : schema;
    if (item && !item.$ref) report({ message: "The JSON here has no named schema.", location });
  };
  return {
    Response: (response, { report, location }) => check(response, location, report),
    RequestBody: (body, { report, location }) => check(body, location, report),
  };
}

/** Lists that continue are pages: items and nextCursor, and a parameter for the cursor. */
function PagesHaveCursors() {
  return {
    Operation(operation, { report, location, resolve }) {
      const schema = operation.responses?.["200"]?.content?.["application/json"]?.schema;
      const page = schema?.$ref ? resolve(schema).node : schema;
      if (page?.properties?.items && !page.properties.nextCursor)
        report({ message: "A list without nextCursor.", location: at(location, "responses", "200") });
    },
  };
}

export const plugin = {
  id: "vms",
  rules: {
    oas3: {
      "answers-something": AnswersSomething,
      "failures-are-problems": FailuresAreProblems,
      "failures-by-shape": FailuresByShape,
      "creates-answer-once": CreatesAnswerOnce,
      "changes-check-versions": ChangesCheckVersions,
      "summaries-are-sentences": SummariesAreSentences,
      "json-is-named": JsonIsNamed,
      "pages-have-cursors": PagesHaveCursors,
    },
  },
};
