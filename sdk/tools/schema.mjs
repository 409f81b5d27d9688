// node tools/schema.mjs: writes the types of the API's paths and schemas to where the TypeScript library's sources, and with them the web client, look for them.
import { writeFile } from "node:fs/promises";
import { schemaOf, schemaFile } from "./openapi.mjs";

await writeFile(schemaFile, await schemaOf());
