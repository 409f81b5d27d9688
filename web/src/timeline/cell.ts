import { useSyncExternalStore } from "react";

/**
 * A value that changes with every move of a finger: the canvas reads it each frame, React only where it asks for something of it that
 * changes less often.
 */
export class Cell<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set = (value: T): void => {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.#listeners.forEach((listener) => listener());
  };

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** Renders when what `of` takes from the cell changes; it must be a primitive or stand in the cell as it is. */
export function useCell<T, R>(cell: Cell<T>, of: (value: T) => R): R {
  return useSyncExternalStore(cell.subscribe, () => of(cell.value));
}
