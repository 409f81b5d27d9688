import type { components } from "./schema.js";
import { VmsProblem } from "./problem.js";

export type Tokens = Pick<components["schemas"]["TokenView"], "accessToken" | "refreshToken">;

/** A sign-in's tokens. A refresh token works once, so that however many requests find the access token over, one refreshes it. */
export class Session {
  tokens: Tokens | null;
  #refreshing: Promise<void> | null = null;

  constructor(
    tokens: Tokens | null,
    private readonly ask: (path: string, body: unknown) => Promise<Response>,
    private readonly changed: (tokens: Tokens | null) => void,
  ) {
    this.tokens = tokens;
  }

  async signIn(username: string, password: string, code?: string): Promise<void> {
    this.set(await this.read(await this.ask("/api/auth/login", { username, password, ...(code === undefined ? {} : { code }) })));
  }

  /** True where there are other tokens now than the one that was refused. */
  async renew(refused: string): Promise<boolean> {
    if (!this.tokens) return false;
    if (this.tokens.accessToken !== refused) return true; // somebody was faster
    this.#refreshing ??= this.refresh(this.tokens.refreshToken).finally(() => (this.#refreshing = null));
    await this.#refreshing;
    return this.tokens !== null;
  }

  set(tokens: Tokens | null): void {
    this.tokens = tokens;
    this.changed(tokens);
  }

  private async refresh(refreshToken: string): Promise<void> {
    const response = await this.ask("/api/auth/refresh", { refreshToken });
    if (response.status === 401) this.set(null);
    else this.set(await this.read(response));
  }

  private async read(response: Response): Promise<Tokens> {
    if (!response.ok) throw await VmsProblem.of(response);
    const { accessToken, refreshToken } = (await response.json()) as components["schemas"]["TokenView"];
    return { accessToken, refreshToken };
  }
}
