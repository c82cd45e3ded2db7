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

type Point = [x: number, y: number];

/** Finds a free place near each point, covering neither a marker nor another label, and no line where there is another place. */
export class Labels {
  readonly #shape: Shape;
  readonly #lines: Box[];
  #taken: Box[];

  constructor(shape: Shape, points: Point[], lines: Point[][]) {
    this.#shape = shape;
    this.#taken = points.map(([x, y]) => [x, y, 6, 6]);
    this.#lines = lines.flatMap((line) => line.slice(1).flatMap((to, at) => along(line[at] as Point, to)));
  }

  /** Nothing where there is no room: the point has its text as a title too. */
  place(x: number, y: number, text: string): Place | undefined {
    const half = WIDE * text.length + 1;
    const places = RINGS.flatMap((ring) =>
      AROUND.map(
        (angle): Place => [x + (ring + half - 4) * Math.cos(angle), y + ring * Math.sin(angle), ring !== RINGS[0]],
      ),
    );
    const free = places.filter(([px, py]) => this.#isFree([px, py, half, HIGH]));
    const found = free.find(([px, py]) => !this.#lines.some((box) => touch(box, [px, py, half, HIGH]))) ?? free[0];
    if (found) this.#taken.push([found[0], found[1], half, HIGH]);
    return found;
  }

  #isFree(box: Box): boolean {
    const [x, y, width, height] = box;
    const shape = this.#shape;
    const inside =
      x - width > shape.left &&
      x + width < shape.width - shape.right &&
      y - height > shape.top &&
      y + height < shape.height - shape.bottom;
    return inside && !this.#taken.some((other) => touch(other, box));
  }
}

const touch = ([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): boolean =>
  Math.abs(ax - bx) <= aw + bw && Math.abs(ay - by) <= ah + bh;

/** Small boxes on the way from one point to another. */
function along([ax, ay]: Point, [bx, by]: Point): Box[] {
  const count = Math.ceil(Math.hypot(bx - ax, by - ay) / 5);
  return Array.from({ length: count }, (_, at) => [ax + ((bx - ax) * at) / count, ay + ((by - ay) * at) / count, 1, 1]);
}
