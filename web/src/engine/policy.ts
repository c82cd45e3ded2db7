import type { Policy } from "../../generated/interfaces/perfbridge-bridge-types.js";

/** The default policy: every field empty. */
export const DEFAULT_POLICY: Policy = { choices: [], tolerances: [], vary: [], observeTails: false };

/** What a policy file says, as JSON. */
export type PolicyFile = Record<string, unknown>;

/** The file of a policy; empty where there is none. */
export const fileOf = ({ file }: Policy): PolicyFile => (file === undefined ? {} : JSON.parse(file));

/** The same policy with what the page lets choose taken out of its file, so that it can be chosen otherwise. */
export function opened(policy: Partial<Policy>): Policy {
  const whole: Policy = { ...DEFAULT_POLICY, ...policy };
  if (whole.file === undefined) return whole;
  const { headline_level: place, vary, observe_tails: tails, baseline_max_age_days: days, ...rest } = fileOf(whole);
  return {
    ...whole,
    file: JSON.stringify(rest),
    vary: [...((vary as string[] | undefined) ?? []), ...whole.vary],
    observeTails: whole.observeTails || tails === true,
    ...(whole.headline === undefined && place !== undefined ? { headline: String(place) } : {}),
    ...(whole.baselineMaxAgeDays === undefined && days !== undefined ? { baselineMaxAgeDays: days as number } : {}),
  };
}
