import type { Policy } from "../../generated/interfaces/perfbridge-bridge-types.js";

/** The default policy: every field empty. */
export const DEFAULT_POLICY: Policy = { tolerances: [], vary: [], observeTails: false };
