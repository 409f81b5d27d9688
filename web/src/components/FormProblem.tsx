import { ApiError } from "@/api/problem";

/** Why a form was refused, as far as no input of it says so itself. */
export function FormProblem({ error, shown = [] }: { error: Error | null; shown?: readonly string[] }) {
  if (!error) return null;
  const fields = error instanceof ApiError ? (error.problem.fields ?? []) : [];
  const messages = fields.length
    ? fields.filter((f) => !shown.some((s) => f.field === s || f.field.startsWith(`${s}[`))).map((f) => f.message)
    : [error.message];
  if (messages.length === 0) return null;
  return (
    <div role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
      {[...new Set(messages)].map((message) => (
        <p key={message}>{message}</p>
      ))}
    </div>
  );
}
