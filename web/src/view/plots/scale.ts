// Scales with round ticks, and lines through points: as much of them as the plots use.

/** A line of an axis and what stands at it, which may be nothing. */
export interface Tick {
  at: number;
  text: string;
}

/** From numbers to pixels. */
export interface Scale {
  (value: number): number;
  ticks: Tick[];
}

const tick = (at: number): Tick => ({ at, text: plain(at) });

/** Without what doubles make of a sum or a product. */
const plain = (value: number): string => String(Number(value.toPrecision(6)));

/** About `count` round steps from `low` to `high`, which are moved to the next steps outwards. */
export function linearScale([low, high]: [number, number], [from, to]: [number, number], count: number): Scale {
  const least = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least * 0.75) ?? 10 * power;
  const [first, last] = [Math.floor(low / step), Math.ceil(high / step)];
  const scale = (value: number): number => from + ((value / step - first) / (last - first)) * (to - from);
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => tick((first + at) * step));
  return Object.assign(scale, { ticks });
}

/** Logarithmic from `low` to `high`, both above 0, with ticks at 1, 2 and 5 of each power of ten, or at round steps. */
export function logarithmicScale([low, high]: [number, number], [from, to]: [number, number]): Scale {
  // A logarithm has no place for 0 and below: that lies below everything.
  const scale = (value: number): number =>
    from + (Math.log(Math.max(value, Number.MIN_VALUE) / low) / Math.log(high / low)) * (to - from);
  const inside = ({ at }: Tick): boolean => at >= low && at <= high;
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high / low)) + 2 },
    (_, at) => at + Math.floor(Math.log10(low)),
  );
  const round = powers.flatMap((power) => [1, 2, 5].map((times) => tick(times * 10 ** power))).filter(inside);
  const few = round.length < 3;
  return Object.assign(scale, { ticks: few ? linearScale([low, high], [0, 1], 4).ticks.filter(inside) : round });
}

/** A line through points in pixels, as the path of an SVG. */
export const line = (points: [x: number, y: number][]): string =>
  points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");
