import type { FaultCode } from "../../generated/interfaces/perfbridge-bridge-types.js";

/** Why something could not be read or judged. */
export class Fault extends Error {
  override readonly name = "Fault";
  /** Stable code of the WIT; `internal` is a bug of ours. */
  readonly code: FaultCode | "internal";
  /** `file`, `file:line` or `file:line: field`, relative to what was read. */
  readonly where: string | undefined;
  /** The cause by its stable name, where it has one. */
  readonly subCode: string | undefined;

  constructor(code: FaultCode | "internal", message: string, where?: string, subCode?: string) {
    super(message);
    this.code = code;
    this.where = where;
    this.subCode = subCode;
  }

  /** The same fault with other words, or at another place. */
  with({ message = this.message, where = this.where }: { message?: string; where?: string | undefined }): Fault {
    return new Fault(this.code, message, where, this.subCode);
  }
}
