import type { FaultCode } from "../../generated/interfaces/perfbridge-bridge-types.js";

/** Why something could not be read or judged. */
export class Fault extends Error {
  override readonly name = "Fault";
  /** Stable code of the WIT; `internal` is a bug of ours. */
  readonly code: FaultCode | "internal";
  /** `file`, `file:line` or `file:line: field`, relative to what was read. */
  readonly where: string | undefined;

  constructor(code: FaultCode | "internal", message: string, where?: string) {
    super(message);
    this.code = code;
    this.where = where;
  }
}
