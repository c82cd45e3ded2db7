"""Runs a command on a terminal of its own: terminal.py ANSWER COMMAND..., where the answer is typed at the
question. Prints what the terminal showed, then a line `exit CODE`."""

import os
import pty
import sys

answer, command = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
shown = b""
answered = answer == ""
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if not answered and shown.endswith(b"[y/N] "):
        os.write(terminal, answer.encode() + b"\n")
        answered = True
_, status = os.waitpid(pid, 0)
sys.stdout.write(shown.decode().replace("\r\n", "\n"))
sys.stdout.write(f"\nexit {os.waitstatus_to_exitcode(status)}\n")
