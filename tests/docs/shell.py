"""One sh that is fed line by line, as a reader pastes the lines of a page."""

import os
import subprocess

import support

MARK = "@@exit"


class Shell:
    def __init__(self, folder, programs=None):
        """In `folder`, with what stands in `programs` before everything else on the path."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("CAIRN_")}
        if programs:
            env["PATH"] = f"{programs}:{env['PATH']}"
        self.process = subprocess.Popen(
            ["/bin/sh"], cwd=folder, env=env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1,
        )

    def run(self, line):
        """Exit code and what was said."""
        self.process.stdin.write(f"{line}\nprintf '\\n{MARK} %d\\n' $?\n")
        said = []
        for answer in self.process.stdout:
            if answer.startswith(MARK):
                return int(answer.split()[1]), "".join(said).strip()
            said.append(answer)
        raise AssertionError(f"the shell ended at: {line}")

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=support.PATIENCE_S)
