// Draws in turns: between two parts the page shows what it has, and answers its reader.

/** Runs parts in order, each behind a frame of its own. */
export class Turns {
  #round = 0;

  /** Parts of an earlier call that have not run give way to these. */
  run(parts: (() => void)[]): void {
    this.#round += 1;
    void this.#all(parts, this.#round);
  }

  /** What has not run does not run. */
  none(): void {
    this.#round += 1;
  }

  async #all(parts: (() => void)[], round: number): Promise<void> {
    for (const part of parts) {
      await shown();
      if (round !== this.#round) return;
      part();
    }
  }
}

/** After the next frame; a hidden page has none. */
const shown = (): Promise<void> =>
  new Promise((resolve) => {
    const after = (): void => void setTimeout(resolve);
    if (document.hidden) after();
    else requestAnimationFrame(after);
  });
