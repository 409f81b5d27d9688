/** RFC 9457 problem document, as every error of the API comes. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail?: string;
  fields?: { field: string; code: string; message: string }[];
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

/** The server gave no answer at all. */
export const unreachable: Problem = {
  status: 0,
  code: "unreachable",
  title: "The server does not answer",
  detail: "It may be restarting; this page tries again by itself.",
};

export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => null)) as Partial<Problem> | null;
  return {
    status: response.status,
    code: body?.code ?? `http${response.status}`,
    title: body?.title ?? `The server answered ${response.status}`,
    ...(body?.detail ? { detail: body.detail } : {}),
    ...(body?.fields ? { fields: body.fields } : {}),
  };
}
