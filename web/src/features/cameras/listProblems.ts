import type { ImportCamerasLineView } from "@/api/cameraLists";
import { fieldWords, type Problem } from "@/api/problem";
import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

/** What is wrong with a file of cameras as a whole. */
export function listProblems(problem: Problem | null, error: Error): string[] {
  if (!problem?.fields?.length) return [error.message];
  return [...new Set(problem.fields.map((f) => wordFor(words.listProblems, f.code) ?? f.message))];
}

/** What is wrong with one line of it. */
export function lineProblem({ code, detail, fields }: ImportCamerasLineView): string {
  if (code === "duplicate") return words.duplicate;
  const said = fields.map((f) => (f.field === "$" ? f.message : `${f.field}: ${fieldWords(f)}`));
  return said.join(". ") || detail || (code ?? "");
}
