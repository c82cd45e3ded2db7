"""What the tests share: where the programs are, roots to work in, and the two official clients' way to start ours."""

import contextlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
SERVER = TARGET / "release" / "mcp-test-server"
CLIENT = TARGET / "release" / "mcp-test-client"
PERFBRIDGE = TARGET / "release" / "perfbridge"
NODE_MODULES = pathlib.Path(os.environ.get("MCP_TEST_NODE_MODULES", TARGET / "mcp-tests" / "node" / "node_modules"))
TIMEOUT = 60


def server_command(root):
    """The command line of the server under test: that of `MCP_TEST_SERVER`, where `{root}` stands for the root, else
    the test server of the crate."""
    words = shlex.split(os.environ.get("MCP_TEST_SERVER", "")) or [str(SERVER), "{root}"]
    return [word.replace("{root}", str(root)) for word in words]


def reference_command(root, *more):
    """The command line of the reference server."""
    return shlex.join([sys.executable, str(HERE / "reference_server.py"), str(root), *more])


def make_root(stack):
    """A temporary root with the golden inputs in `inputs/`, removed with the stack."""
    root = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="perfbridge-mcp-"))).resolve()
    shutil.copytree(REPOSITORY / "tests" / "data" / "golden" / "inputs", root / "inputs")
    for tree in ("docs", "runbooks"):
        (root / tree).mkdir()
        (root / tree / "readme.md").write_text("nothing to find\n")
    (root / "experiments" / "artifacts").mkdir(parents=True)
    return root


@contextlib.asynccontextmanager
async def session(root, server=None):
    """The official client, connected to the server under test, or another one, and ready."""
    command, *args = server or server_command(root)
    parameters = StdioServerParameters(command=command, args=args, env=dict(os.environ, USER="operator"))
    async with stdio_client(parameters) as (read, write), ClientSession(read, write) as client:
        await client.initialize()
        yield client


def perfbridge(root, *words, code=0):
    """What the command line prints, below a root and as the account that the server runs as."""
    environment = dict(os.environ, USER="operator", COLUMNS="80")
    ran = subprocess.run([PERFBRIDGE, *words], cwd=root, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode != code:
        raise AssertionError(f"{words}: exit code {ran.returncode}, expected {code}: {ran.stderr}")
    return ran.stdout


def text_of(result):
    """The one text of a result."""
    (item,) = result.content
    return item.text


class OurClient:
    """Our client as a program, one question a line."""

    def __init__(self, server, *options):
        command = [str(CLIENT), "--timeout", "20", *options, server]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.hello = self.read()

    def read(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, *words):
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(TIMEOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
