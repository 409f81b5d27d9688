// The API document, and the TypeScript types that are made from it.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

export const sdk = dirname(dirname(fileURLToPath(import.meta.url)));
export const repository = dirname(sdk);
export const document = join(repository, "docs", "ref", "openapi.json");

/** Beside the sources that it belongs to; a build product, not in the repository. */
export const schemaFile = join(sdk, "typescript", "src", "schema.ts");

export const schemaOf = async () => astToString(await openapiTS(new URL(`file://${document}`)));
