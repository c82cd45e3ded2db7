// Finds free places for labels.
import type { Shape } from "./frame.ts";

/** A box by its middle and half its width and height. */
type Box = [x: number, y: number, halfWidth: number, halfHeight: number];

/** Directions in the order of preference, and how far out a label may go. */
const AROUND = [-0.125, -0.375, 0.125, 0.375, -0.25, 0.25, 0, 0.5].map((turn) => turn * 2 * Math.PI);
const RINGS = [15, 24, 36, 50, 66];
/** Half the height of a line, and half the width of a letter. */
const [HIGH, WIDE] = [7.5, 3.9];

/** Where a label stands by its middle, and whether it is so far out that a line must lead to it. */
export type Place = [x: number, y: number, far: boolean];

/** Finds a free place near each point, covering neither a marker nor another label. */
export class Labels {
  readonly #shape: Shape;
  #taken: Box[];

  constructor(shape: Shape, points: [x: number, y: number][]) {
    this.#shape = shape;
    this.#taken = points.map(([x, y]) => [x, y, 6, 6]);
  }

  /** Nothing where there is no room: the point has its text as a title too. */
  place(x: number, y: number, text: string): Place | undefined {
    const half = WIDE * text.length + 1;
    const places = RINGS.flatMap((ring) =>
      AROUND.map(
        (angle): Place => [x + (ring + half - 4) * Math.cos(angle), y + ring * Math.sin(angle), ring !== RINGS[0]],
      ),
    );
    const found = places.find(([px, py]) => this.#isFree([px, py, half, HIGH]));
    if (found) this.#taken.push([found[0], found[1], half, HIGH]);
    return found;
  }

  #isFree([x, y, width, height]: Box): boolean {
    const shape = this.#shape;
    const inside =
      x - width > shape.left &&
      x + width < shape.width - shape.right &&
      y - height > shape.top &&
      y + height < shape.height - shape.bottom;
    return (
      inside && this.#taken.every(([tx, ty, tw, th]) => Math.abs(x - tx) > width + tw || Math.abs(y - ty) > height + th)
    );
  }
}
