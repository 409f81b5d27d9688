import type { PtzVector } from "@/api/ptz";

/** So often a changed direction is told. */
export const changeMs = 200;
/** So often one that stays is told again: the server stops a camera that hears nothing for 1.5 s. */
export const againMs = 600;

const still: PtzVector = { pan: 0, tilt: 0, zoom: 0 };
const isStill = ({ pan, tilt, zoom }: PtzVector) => pan === 0 && tilt === 0 && zoom === 0;
const same = (a: PtzVector, b: PtzVector) => a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom;

/**
 * A camera that moves for as long as something is held: tells the direction, tells it again, and stops it when it is let go. Owned by one panel,
 * which has to `release` it in the end.
 */
export class HeldMove {
  #wanted = still;
  #told = still;
  #toldAt = -Infinity;
  #inFlight = false;
  #stopAgain = false;
  #timer: ReturnType<typeof setInterval> | null = null;

  /**
   * @param send tells a direction
   * @param stop stops the camera
   * @param failed what either was answered; the camera is let go
   */
  constructor(
    private readonly send: (vector: PtzVector) => Promise<unknown>,
    private readonly stop: () => Promise<unknown>,
    private readonly failed: (error: unknown) => void,
  ) {}

  get isHeld(): boolean {
    return this.#timer !== null;
  }

  hold(vector: PtzVector): void {
    if (isStill(vector) && !this.isHeld) return;
    this.#wanted = vector;
    this.#timer ??= setInterval(() => this.#tell(), changeMs);
    this.#tell();
  }

  release(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#wanted = still;
    const overtaken = this.#inFlight;
    this.#stopNow();
    // A direction that is on its way may arrive after the stop.
    this.#stopAgain = overtaken;
  }

  /** Something else is asked of the camera now: a stop that is still owed would end that. */
  giveWay(): void {
    this.release();
    this.#stopAgain = false;
  }

  #stopNow() {
    this.#told = still;
    this.#toldAt = -Infinity;
    this.stop().catch(this.failed);
  }

  #tell() {
    if (this.#timer === null || this.#inFlight) return;
    const now = Date.now();
    const changed = !same(this.#wanted, this.#told);
    if (now - this.#toldAt < (changed ? changeMs : againMs)) return;
    // The stick is in its middle, and still in a hand.
    if (isStill(this.#wanted)) {
      if (changed) {
        this.#told = still;
        this.#toldAt = now;
        this.stop().catch(this.failed);
      }
      return;
    }
    this.#told = this.#wanted;
    this.#toldAt = now;
    this.#inFlight = true;
    this.send(this.#wanted)
      .catch((error: unknown) => {
        // Somebody else steers it, or it is gone: nothing to stop.
        if (this.#timer !== null) clearInterval(this.#timer);
        this.#timer = null;
        this.#stopAgain = false;
        this.failed(error);
      })
      .finally(() => {
        this.#inFlight = false;
        if (this.#stopAgain) {
          this.#stopAgain = false;
          // Unless it is held again already: then that is what shall be.
          if (!this.isHeld) this.#stopNow();
        }
      });
  }
}
