import { wordFor } from "@/i18n/catalogue";
import { language } from "@/i18n/language";
import { fieldProblems, problems } from "./germanProblems";
import { words } from "./words";

/** RFC 9457 problem document, as every error of the API comes. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail?: string;
  /** What is wrong with each input; `said` is the server's own sentence where the message is a translation. */
  fields?: { field: string; code: string; message: string; said?: string }[];
}

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    // What happened, then what can be done.
    super(problem.detail ? `${problem.title}. ${problem.detail}` : problem.title);
  }

  get code(): string {
    return this.problem.code;
  }

  /** What is wrong with one input; undefined when nothing is. */
  field(name: string): string | undefined {
    return this.problem.fields?.find((f) => f.field === name)?.message;
  }
}

/** The answer stays what it is until something is changed: asking again is in vain. Too many questions is no such answer. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.problem.status >= 400 &&
  error.problem.status < 500 &&
  error.problem.status !== 429;

/** The server gave no answer at all. */
export const unreachable = (): Problem => ({
  status: 0,
  code: "unreachable",
  title: words.unreachable,
  detail: words.unreachableDetail,
});

export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => null)) as Partial<Problem> | null;
  return inLanguage({
    status: response.status,
    code: body?.code ?? `http${response.status}`,
    title: body?.title ?? words.answered(response.status),
    ...(body?.detail ? { detail: body.detail } : {}),
    ...(body?.fields ? { fields: body.fields } : {}),
  });
}

/** What a problem says that stands in an answer: an export that failed. */
export const problemWords = ({ code, message }: { code: string; message: string }): string =>
  (language() === "en" ? null : wordFor(problems, code)) ?? message;

/** What is wrong with one input, where it stands in an answer: a line of a list. */
export const fieldWords = ({ code, message }: { code: string; message: string }): string =>
  (language() === "en" ? null : wordFor(fieldProblems, code)) ?? message;

/** The server's own words stay where there is no translation: they say more than silence. */
function inLanguage(problem: Problem): Problem {
  if (language() === "en") return problem;
  const { detail, fields, ...rest } = problem;
  const title = wordFor(problems, problem.code);
  return {
    ...rest,
    title: title ?? problem.title,
    ...(detail && !title ? { detail } : {}),
    ...(fields ? { fields: fields.map((f) => ({ ...f, message: fieldWords(f), said: f.message })) } : {}),
  };
}
