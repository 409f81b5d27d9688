import { readAtMost } from "./body.js";
import { Feed, type FeedMessage } from "./feed.js";
import { VmsProblem } from "./problem.js";
import { Session, type Tokens } from "./session.js";
import type { Answer, Arguments, Item, Listed, Method, Options, PathOf } from "./types.js";

/** A longer answer in JSON is refused: lists come in pages. */
const maxJsonBytes = 64 * 1024 * 1024;

export interface VmsOptions {
  /** Of a former sign-in. */
  tokens?: Tokens | null;
  /** A credential that stands for itself instead of a sign-in, as an API key. */
  bearer?: string;
  /** Called whenever the tokens change, so that they can be kept; with null when the sign-in is over. */
  onTokens?: (tokens: Tokens | null) => void;
  /** Instead of the global one. */
  fetch?: typeof fetch;
  /** Instead of the global one; Node.js has none before version 22. */
  webSocket?: typeof WebSocket;
}

interface Anything {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  idempotencyKey?: string;
  ifMatch?: string;
  signal?: AbortSignal;
}

/** The API of one server. Every method throws {@link VmsProblem} for what the server refuses. */
export class Vms {
  readonly #address: string;
  readonly #options: VmsOptions;
  readonly #fetch: typeof fetch;
  readonly #session: Session;

  /** @param address Of the server, as `http://localhost:8080`. */
  constructor(address: string, options: VmsOptions = {}) {
    this.#address = address.replace(/\/+$/, "");
    this.#options = options;
    this.#fetch = options.fetch ?? ((...call) => globalThis.fetch(...call));
    this.#session = new Session(
      options.tokens ?? null,
      (path, body) => this.#fetch(this.#address + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      options.onTokens ?? (() => undefined),
    );
  }

  /** Null while nobody is signed in. */
  get tokens(): Tokens | null {
    return this.#session.tokens;
  }

  /** @param code Of the second factor, where the account has one. */
  signIn(username: string, password: string, code?: string): Promise<void> {
    return this.#session.signIn(username, password, code);
  }

  /** Ends the sign-in with all its tokens. */
  async signOut(): Promise<void> {
    if (!this.tokens) return;
    await this.post("/api/auth/logout");
    this.#session.set(null);
  }

  get<P extends PathOf<"get">>(path: P, ...[options]: Arguments<P, "get">): Promise<Answer<P, "get">> {
    return this.#json("get", path, options);
  }

  post<P extends PathOf<"post">>(path: P, ...[options]: Arguments<P, "post">): Promise<Answer<P, "post">> {
    return this.#json("post", path, options);
  }

  put<P extends PathOf<"put">>(path: P, ...[options]: Arguments<P, "put">): Promise<Answer<P, "put">> {
    return this.#json("put", path, options);
  }

  /** A merge patch: what is absent stays, null clears. */
  patch<P extends PathOf<"patch">>(path: P, ...[options]: Arguments<P, "patch">): Promise<Answer<P, "patch">> {
    return this.#json("patch", path, options);
  }

  delete<P extends PathOf<"delete">>(path: P, ...[options]: Arguments<P, "delete">): Promise<Answer<P, "delete">> {
    return this.#json("delete", path, options);
  }

  /** The items of a list, page by page; `limit` in the query is the size of a page. */
  async *each<P extends Listed>(path: P, ...[options]: Arguments<P, "get">): AsyncGenerator<Item<P>, void, undefined> {
    let cursor: string | null | undefined;
    do {
      const query = { ...(options as Anything | undefined)?.query, ...(cursor ? { cursor } : {}) };
      const page = await this.#json<{ items: Item<P>[]; nextCursor: string | null }>("get", path, { ...options, query });
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor);
  }

  /** One request, checked, its answer as it came: for pictures, clips and downloads, and for headers. */
  fetch<M extends Method, P extends PathOf<M>>(method: M, path: P, ...[options]: Arguments<P, M>): Promise<Response> {
    return this.#send(method, path, options as Options<P, M> & Anything);
  }

  /** Camera states (all of them at first) and events. Connects again by itself; ends with the signal or when the caller stops. */
  feed(signal?: AbortSignal): AsyncGenerator<FeedMessage, void, undefined> {
    const socket = this.#options.webSocket ?? globalThis.WebSocket;
    if (!socket) throw new Error("There is no WebSocket here: give one as an option.");
    const open = async (): Promise<string> => {
      const { ticket } = await this.post("/api/tickets", { body: { kind: "ws" } });
      return `${this.#address.replace(/^http/, "ws")}/api/ws?ticket=${encodeURIComponent(ticket)}`;
    };
    return new Feed(socket, open).messages(signal);
  }

  async #json<T>(method: Method, path: string, options: unknown): Promise<T> {
    const response = await this.#send(method, path, options as Anything | undefined);
    const text = await readAtMost(response, maxJsonBytes);
    return (text.length > 0 ? JSON.parse(text) : undefined) as T;
  }

  async #send(method: Method, path: string, options: Anything = {}): Promise<Response> {
    const bearer = this.#options.bearer ?? this.tokens?.accessToken;
    const response = await this.#once(method, path, options, bearer);
    if (response.status === 401 && bearer && !this.#options.bearer && (await this.#session.renew(bearer))) {
      await response.body?.cancel();
      return checked(await this.#once(method, path, options, this.tokens?.accessToken));
    }
    return checked(response);
  }

  #once(method: Method, path: string, options: Anything, bearer: string | undefined): Promise<Response> {
    const headers = new Headers();
    if (bearer) headers.set("authorization", `Bearer ${bearer}`);
    if (options.body !== undefined) headers.set("content-type", method === "patch" ? "application/merge-patch+json" : "application/json");
    if (options.idempotencyKey !== undefined) headers.set("idempotency-key", options.idempotencyKey);
    if (options.ifMatch !== undefined) headers.set("if-match", options.ifMatch);
    return this.#fetch(this.#address + filled(path, options.path) + search(options.query), {
      method: method.toUpperCase(),
      headers,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }
}

async function checked(response: Response): Promise<Response> {
  if (!response.ok) throw await VmsProblem.of(response);
  return response;
}

/** `{rest}` names what is below an address and may have slashes in it; any other value is one segment. */
function filled(path: string, values: Record<string, unknown> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(values[name] ?? "");
    return name === "rest" ? value.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(value);
  });
}

/** A list is the same name several times, a Date its ISO form; null and undefined are left out. */
function search(values: Record<string, unknown> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      if (one !== undefined && one !== null) query.append(name, one instanceof Date ? one.toISOString() : String(one));
  }
  return query.size > 0 ? `?${query}` : "";
}
