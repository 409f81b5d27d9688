// What the compiler knows of an operation by its path and method: parameters, body, answer.
import type { paths } from "./schema.js";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths that know the method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: object } ? P : never;
}[keyof paths];

type Operation<P extends keyof paths, M extends Method> = paths[P] extends { [K in M]: infer O } ? O : never;

type Content<R> = R extends { content: infer C } ? ("application/json" extends keyof C ? C["application/json"] : undefined) : undefined;

/** The JSON of a success; undefined where there is none. */
export type Answer<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? { [S in keyof R & (200 | 201 | 202 | 204)]: Content<R[S]> }[keyof R & (200 | 201 | 202 | 204)] : never;

/** The items of a path that answers pages. */
export type Item<P extends keyof paths> = Answer<P, "get"> extends { items: (infer I)[] } ? I : never;

/** The paths that answer pages. */
export type Listed = { [P in PathOf<"get">]: Answer<P, "get"> extends { items: unknown[]; nextCursor: null | string } ? P : never }[PathOf<"get">];

type PathOption<O> = O extends { parameters: { path: infer V } } ? { path: V } : { path?: never };

type QueryOption<O> = O extends { parameters: { query: infer Q } } ? { query: Q } : O extends { parameters: { query?: infer Q } } ? { query?: Exclude<Q, undefined> } : object;

type BodyOption<O> = O extends { requestBody: { content: infer C } }
  ? { body: C[keyof C] }
  : O extends { requestBody?: { content: infer C } }
    ? { body?: C[keyof C] }
    : { body?: never };

type Headers<O> = O extends { parameters: { header?: infer H } } ? ([H] extends [undefined] ? never : keyof Exclude<H, undefined>) : never;

interface CreateOptions {
  /** Makes asking again safe: for a day, the same key and body get the first answer. */
  idempotencyKey?: string;
}

interface ChangeOptions {
  /** Change it only while it still is what was read: the `etag` of an answer. */
  ifMatch?: string;
}

type HeaderOptions<O> = ("Idempotency-Key" extends Headers<O> ? CreateOptions : object) & ("If-Match" extends Headers<O> ? ChangeOptions : object);

/** What any request can be told. */
export interface RequestOptions {
  signal?: AbortSignal;
}

export type Options<P extends keyof paths, M extends Method> = PathOption<Operation<P, M>> &
  QueryOption<Operation<P, M>> &
  BodyOption<Operation<P, M>> &
  HeaderOptions<Operation<P, M>> &
  RequestOptions;

/** May be left out where nothing in it is required. */
export type Arguments<P extends keyof paths, M extends Method> = object extends Options<P, M> ? [options?: Options<P, M>] : [options: Options<P, M>];
