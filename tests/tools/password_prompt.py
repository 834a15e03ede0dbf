"""password_prompt.py PASSWORD COMMAND [ARGUMENT...]

Runs COMMAND on a terminal of its own, and types PASSWORD when it is asked for. Ends with COMMAND's
status; with 90 when there is no prompt, 91 when the terminal echoes the password.
"""
import os
import pty
import sys
import termios

child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])

output = b""
typed = False
while True:
    try:
        some = os.read(terminal, 4096)
    except OSError:  # how Linux says that the other side is closed
        break
    if not some:
        break
    output += some
    if not typed and b"Password for" in output and output.endswith(b": "):
        if termios.tcgetattr(terminal)[3] & termios.ECHO:
            sys.exit(91)
        os.write(terminal, sys.argv[1].encode() + b"\n")
        typed = True
_, status = os.waitpid(child, 0)
sys.stdout.write(output.decode(errors="replace"))
if not typed:
    sys.exit(90)
sys.exit(91 if sys.argv[1].encode() in output else os.waitstatus_to_exitcode(status))
