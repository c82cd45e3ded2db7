// Read-only directories for the shim, which knows no such grant: everything that would change one is refused as WASI does.
const CHANGES = [
  "writeViaStream",
  "appendViaStream",
  "setSize",
  "setTimes",
  "setTimesAt",
  "write",
  "createDirectoryAt",
  "linkAt",
  "removeDirectoryAt",
  "renameAt",
  "symlinkAt",
  "unlinkFileAt",
];

/** Refuses all changes through `wasi:filesystem` in this program. */
export function readOnly({ types: { Descriptor } }) {
  const refuse = () => {
    throw "read-only";
  };
  for (const name of CHANGES) Descriptor.prototype[name] = refuse;
  const { openAt } = Descriptor.prototype;
  Descriptor.prototype.openAt = function (how, path, open, flags) {
    return open.create || open.truncate || open.exclusive || flags.write || flags.mutateDirectory
      ? refuse()
      : openAt.call(this, how, path, open, flags);
  };
}
