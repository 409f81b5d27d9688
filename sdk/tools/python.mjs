// The generated part of the Python client: a TypedDict for each schema, a method for each operation.

const reserved = new Set("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(" "));
const json = "application/json";
const patch = "application/merge-patch+json";
const indent = "    ";

const snake = (name) => name.replaceAll("-", "_").replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
const identifier = (name) => (reserved.has(snake(name)) ? `${snake(name)}_` : snake(name));
const nameOf = (ref) => ref.split("/").at(-1);
const text = (value) => JSON.stringify(value);

/** A doc string that no description can end early. */
const docString = (lines, depth) => {
  const clean = lines.map((line) => line.replaceAll("\\", "\\\\").replaceAll('"""', "'''"));
  return clean.length === 1 ? `${depth}"""${clean[0]}"""` : `${depth}"""${clean.join(`\n${depth}`)}\n${depth}"""`;
};

/** The annotation of a schema. Times stay the text that they are on the wire. */
function annotation(schema, prefix = "") {
  if (!schema) return "Any";
  if (schema.$ref) return prefix + nameOf(schema.$ref);
  const either = schema.oneOf ?? schema.anyOf;
  if (either) return [...new Set(either.map((one) => annotation(one, prefix)))].join(" | ");
  if (schema.enum) return `Literal[${schema.enum.map((value) => (value === null ? "None" : text(value))).join(", ")}]`;
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return "Any";
  return types
    .map((type) => {
      if (type === "string") return "str";
      if (type === "boolean") return "bool";
      if (type === "integer") return "int";
      if (type === "number") return "float";
      if (type === "null") return "None";
      if (type === "array") return `list[${annotation(schema.items, prefix)}]`;
      return `dict[str, ${schema.additionalProperties ? annotation(schema.additionalProperties === true ? null : schema.additionalProperties, prefix) : "Any"}]`;
    })
    .sort((a, b) => (a === "None") - (b === "None"))
    .join(" | ");
}

/** models.py. The functional form is used where a name of the wire is a word of the language. */
export function models(api) {
  const lines = ['"""The JSON of the API, as it is on the wire. Generated."""', "", "from __future__ import annotations", "", "from typing import Any, Literal, NotRequired, TypedDict"];
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    if (!schema.properties) {
      lines.push("", "", `${name} = ${annotation(schema) === "str" ? "bytes" : "Any"}`);
      continue;
    }
    const required = new Set(schema.required ?? []);
    const fields = Object.entries(schema.properties).map(([field, type]) => {
      const plain = annotation(type);
      return [field, required.has(field) ? plain : `NotRequired[${plain}]`, type.description];
    });
    lines.push("", "");
    if (fields.some(([field]) => reserved.has(field))) {
      lines.push(`${name} = TypedDict(${text(name)}, {`, ...fields.map(([field, type]) => `${indent}${text(field)}: ${text(type)},`), "})");
      continue;
    }
    lines.push(`class ${name}(TypedDict):`);
    if (schema.description) lines.push(docString(schema.description.trim().split("\n"), indent), "");
    for (const [field, type, description] of fields) {
      lines.push(`${indent}${field}: ${type}`);
      if (description) lines.push(docString(description.trim().split("\n"), indent));
    }
    if (fields.length === 0) lines.push(`${indent}pass`);
  }
  return lines.join("\n") + "\n";
}

const bodyOf = (operation) => operation.requestBody?.content?.[json]?.schema ?? operation.requestBody?.content?.[patch]?.schema;

/** The annotation of what an operation answers, and how it is read. */
function answerOf(operation) {
  const [status, response] = Object.entries(operation.responses).find(([code]) => code.startsWith("2")) ?? [];
  const schema = response?.content?.[json]?.schema;
  if (schema) return { type: annotation(schema, "models."), how: "_json" };
  if (!status || response?.content) return { type: "HTTPResponse", how: "_stream" };
  return { type: "None", how: "_nothing" };
}

/** An annotation of a parameter: in a query, times may be given as such. */
const parameterType = (schema) => annotation(schema).replace(/\bstr\b/, schema.format === "date-time" ? "datetime | str" : "str");

function method(path, verb, operation, api) {
  const parameters = operation.parameters ?? [];
  const inPath = parameters.filter((one) => one.in === "path");
  const inQuery = parameters.filter((one) => one.in === "query");
  const inHeader = parameters.filter((one) => one.in === "header");
  const body = bodyOf(operation);
  const { type, how } = answerOf(operation);

  const positional = ["self", ...inPath.map((one) => `${identifier(one.name)}: str`)];
  if (body) positional.push(operation.requestBody.required ? `body: ${annotation(body, "models.")}` : `body: ${annotation(body, "models.")} | None = None`);
  const keywords = inQuery.map((one) => (one.required ? `${identifier(one.name)}: ${parameterType(one.schema)}` : `${identifier(one.name)}: ${parameterType(one.schema)} | None = None`));
  keywords.push(...inHeader.map((one) => `${identifier(one.name)}: str | None = None`));

  const call = [text(verb.toUpperCase()), text(path)];
  if (inPath.length > 0) call.push(`values={${inPath.map((one) => `${text(one.name)}: ${identifier(one.name)}`).join(", ")}}`);
  const query = `{${inQuery.map((one) => `${text(one.name)}: ${identifier(one.name)}`).join(", ")}}`;
  if (inQuery.length > 0) call.push(`query=${query}`);
  if (body) call.push("body=body");
  if (inHeader.length > 0) call.push(`headers={${inHeader.map((one) => `${text(one.name)}: ${identifier(one.name)}`).join(", ")}}`);

  const signature = (list) => [...positional, ...(list.length > 0 ? ["*", ...list] : [])].join(", ");
  const lines = [`def ${snake(operation.operationId)}(${signature(keywords)}) -> ${type}:`, docString([operation.summary ?? ""], indent), `${indent}return self.${how}(${call.join(", ")})`];

  // A list is also to be had item by item.
  const page = how === "_json" && type.startsWith("models.PageOf") ? api.components.schemas[type.slice("models.".length)] : null;
  if (page?.properties?.nextCursor && inQuery.some((one) => one.name === "cursor")) {
    const item = annotation(page.properties.items.items, "models.");
    const others = keywords.filter((one) => !one.startsWith("cursor:"));
    const rest = inQuery.filter((one) => one.name !== "cursor");
    const items = [...call.slice(0, inPath.length > 0 ? 3 : 2), `query={${rest.map((one) => `${text(one.name)}: ${identifier(one.name)}`).join(", ")}}`];
    lines.push("", `def ${snake(operation.operationId).replace(/^list_/, "each_")}(${signature(others)}) -> Iterator[${item}]:`);
    lines.push(docString([`${operation.summary} Item by item; limit is the size of a page.`], indent), `${indent}return self._items(${items.join(", ")})`);
  }
  return lines.map((line) => (line ? indent + line : line));
}

/** operations.py. */
export function operations(api) {
  const lines = [
    '"""A method for each operation of the API. Generated."""',
    "",
    "from __future__ import annotations",
    "",
    "from datetime import datetime",
    "from http.client import HTTPResponse",
    "from typing import Iterator",
    "",
    "from . import models",
    "from .connection import Connection",
    "",
    "",
    "class Operations(Connection):",
    `${indent}"""The operations of the API, named after their operationId."""`,
  ];
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [verb, operation] of Object.entries(item)) {
      // WebSockets and WebRTC are the business of players.
      const forPlayers = path.startsWith("/webrtc/") || Object.keys(operation.responses).every((status) => !status.startsWith("2"));
      if (verb !== "head" && !forPlayers) lines.push("", ...method(path, verb, operation, api));
    }
  }
  return lines.join("\n") + "\n";
}
