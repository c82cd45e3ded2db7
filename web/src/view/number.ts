// Numbers as text, digit for digit as the component's Markdown prints them; a test holds the two together.
import type { Row } from "../engine/bridge.ts";

type Cell = Pick<Row, "unit" | "delta" | "deltaPct" | "tolerance" | "toleranceIsPercent">;

/** Rounds as the component does: exact halves go to the even digit, where `toFixed` goes away from zero. */
function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  const exact = Math.abs(value).toFixed(Math.min(100, digits + 60));
  const point = exact.indexOf(".");
  const tail = exact.slice(point + 1 + digits);
  if (!/^50*$/.test(tail)) return Object.is(value, -0) ? `-${text}` : text;
  const even = exact.slice(0, digits === 0 ? point : point + 1 + digits);
  return Number(even.at(-1)) % 2 === 0 ? (value < 0 ? `-${even}` : even) : text;
}

const signed = (value: number, digits: number): string =>
  (value < 0 || Object.is(value, -0) ? "" : "+") + fixed(value, digits);

/** About four significant digits. */
export function short(value: number): string {
  const size = Math.abs(value);
  return fixed(value, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size > 0 ? 3 : 0);
}

/** The same with its sign. */
export const signedShort = (value: number): string => (value < 0 || Object.is(value, -0) ? "" : "+") + short(value);

/** A change in percent, with its sign. */
export const percent = (value: number): string => `${signed(value, 1)} %`;

/** A p-value; nobody needs the digits of a small one. */
export function chance(value: number | null): string {
  if (value === null) return "no p";
  return value < 0.001 ? "p below 0.001" : `p ${short(value)}`;
}

/** A value of a row: shares in percent, everything else as it is. */
export function ofUnit(value: number | undefined, unit: string): string {
  if (value === undefined) return "-";
  if (unit === "fraction") return `${fixed(100 * value, 2)} %`;
  return unit === "percent" ? `${fixed(value, 2)} %` : short(value);
}

/** The change of a row: percent, or points of a share. */
export function change({ unit, delta, deltaPct, toleranceIsPercent }: Cell): string {
  if (toleranceIsPercent) return delta === undefined || deltaPct === undefined ? "-" : percent(deltaPct);
  if (delta === undefined) return "-";
  if (unit === "fraction") return `${signed(100 * delta, 2)} pt`;
  return unit === "percent" ? `${signed(delta, 2)} pt` : signed(delta, 0);
}

/** The unit in which a tolerance is typed and printed. */
export const toleranceUnit = ({ unit, toleranceIsPercent }: Cell): string =>
  toleranceIsPercent ? "%" : unit === "fraction" || unit === "percent" ? "pt" : "";

/** The number of a tolerance in that unit. */
export function toleranceNumber({ unit, tolerance, toleranceIsPercent }: Cell): string {
  const value = !toleranceIsPercent && unit === "fraction" ? 100 * tolerance : tolerance;
  return fixed(value, 6).replace(/0+$/, "").replace(/\.$/, "");
}

/** The tolerance of a row with its unit. */
export const tolerance = (row: Cell): string => `${toleranceNumber(row)} ${toleranceUnit(row)}`.trimEnd();
