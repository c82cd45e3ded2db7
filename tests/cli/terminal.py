"""Runs a command on a terminal of its own: terminal.py ANSWER COMMAND..., where the answer is typed at the
question. With the variable DOCUMENT the command's standard input is that file, which is given once the terminal has shown
ANSWER. Prints what the terminal showed, then a line `exit CODE`."""

import os
import pty
import sys

answer, command = sys.argv[1], sys.argv[2:]
document = os.environ.pop("DOCUMENT", None)
late, early = os.pipe()
pid, terminal = pty.fork()
if pid == 0:
    os.close(early)
    if document is not None:
        os.dup2(late, 0)
    os.execv(command[0], command)
os.close(late)
shown = b""
answered = answer == "" and document is None


def give():
    with open(document, "rb") as source, os.fdopen(early, "wb") as input:
        input.write(source.read())


if document is not None and answer == "":
    give()
    answered = True
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if answered:
        continue
    if document is not None and answer.encode() in shown:
        give()
        answered = True
    elif document is None and shown.endswith(b"[y/N] "):
        os.write(terminal, answer.encode() + b"\n")
        answered = True
_, status = os.waitpid(pid, 0)
sys.stdout.write(shown.decode().replace("\r\n", "\n"))
sys.stdout.write(f"\nexit {os.waitstatus_to_exitcode(status)}\n")
