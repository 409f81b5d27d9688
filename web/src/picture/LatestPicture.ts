/** What can be shown of a picture that is wanted. */
export interface PictureState {
  /** The newest picture that has arrived; an older one stays until the wanted one is there. */
  shown: string | null;
  /** The wanted one is not there yet. */
  loading: boolean;
  /** The wanted one cannot be had. */
  missing: boolean;
}

export const noPicture: PictureState = { shown: null, loading: false, missing: false };

/**
 * Follows a pointer with pictures: one is loaded at a time, and behind it the one that is wanted by then. What was wanted in between is
 * never asked for, however fast the pointer moves.
 */
export class LatestPicture {
  #wanted: string | null = null;
  #loading = false;
  #state = noPicture;

  constructor(
    readonly load: (url: string) => Promise<unknown>,
    readonly onState: (state: PictureState) => void,
  ) {}

  /** Null for none: what was shown goes, too. */
  want(url: string | null): void {
    if (url === this.#wanted) return;
    this.#wanted = url;
    if (url === null) return this.#become(noPicture);
    this.#become({ ...this.#state, loading: true, missing: false });
    if (!this.#loading) void this.#loadWanted();
  }

  async #loadWanted(): Promise<void> {
    this.#loading = true;
    for (let url = this.#wanted; url !== null;) {
      const arrived = await this.load(url).then(
        () => true,
        () => false,
      );
      if (this.#wanted === null) break;
      const newest = this.#wanted === url;
      if (arrived) this.#become({ shown: url, loading: !newest, missing: false });
      else if (newest) this.#become({ shown: null, loading: false, missing: true });
      url = newest ? null : this.#wanted;
    }
    this.#loading = false;
  }

  #become(state: PictureState): void {
    this.#state = state;
    this.onState(state);
  }
}
