import { readAtMost } from "./body.js";
import type { components } from "./schema.js";

export type FieldProblem = components["schemas"]["FieldProblem"];

/** More is not a problem document of this API. */
const maxProblemBytes = 1024 * 1024;

/** What the server answers instead of what was asked for. `code` is stable; `message` is for people. */
export class VmsProblem extends Error {
  override readonly name = "VmsProblem";

  /** @param retryAfter Seconds until it makes sense to try again, where the server says so. */
  constructor(
    readonly status: number,
    readonly code: string,
    title: string,
    readonly detail: string | null,
    readonly fields: readonly FieldProblem[],
    readonly retryAfter: number | null,
  ) {
    super(detail ? `${title}: ${detail}` : title);
  }

  /** An answer without a problem document, as a proxy on the way gives, has the code `http` and its status. */
  static async of(response: Response): Promise<VmsProblem> {
    const seconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
    const retryAfter = Number.isNaN(seconds) ? null : seconds;
    let problem: Partial<components["schemas"]["ProblemDetails"]> = {};
    if (response.headers.get("content-type")?.startsWith("application/problem+json")) {
      try {
        problem = JSON.parse(await readAtMost(response, maxProblemBytes)) as typeof problem;
      } catch {
        problem = {}; // cut off on the way: the status still says something
      }
    }
    return new VmsProblem(
      response.status,
      problem.code ?? `http${response.status}`,
      problem.title ?? `The server answered ${response.status}`,
      problem.detail ?? null,
      problem.fields ?? [],
      retryAfter,
    );
  }
}
