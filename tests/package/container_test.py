#!/usr/bin/python3
"""Builds the Containerfile's second stage from the packages and has the broker in it answer its own
health check, as its own user. The base is the clean Debian the other tests boot: no registry is asked.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import machine
import packages

SKIPPED = 77
BASE = "localhost/cairn-test-base"
IMAGE = "localhost/cairn-test"
# Waits under a limit for what the image itself calls healthy, and stops the broker.
TRIAL = """
set -e
cairn init /var/lib/cairn/p --partnership northshire.example --example
cairnd --config /var/lib/cairn/p/broker/cairnd.toml 2>/tmp/log & broker=$!
e=/var/lib/cairn/p/example
cairn --wait 60 --context $e/oakfield/context.toml send $e/concern.json
cairn check ready --health 127.0.0.1:7480
id -un
kill $broker
wait $broker
"""


def buildah(*words, patience_s=600):
    done = subprocess.run(["buildah", "--storage-driver", "vfs", *map(str, words)], capture_output=True, text=True,
                          check=False, timeout=patience_s, env={**os.environ, "BUILDAH_ISOLATION": "chroot"})
    if done.returncode != 0:
        raise AssertionError(f"buildah {words[0]}: {done.stderr[-3000:]}")
    return done.stdout.strip()


class Container(unittest.TestCase):
    def test_it_is_built_and_its_broker_is_healthy(self):
        with tempfile.TemporaryDirectory(prefix="cairn-container-") as place:
            folder = pathlib.Path(place)
            made = packages.made(folder)
            (folder / "context" / "packages").mkdir(parents=True)
            for package in made.values():
                shutil.copy(package, folder / "context" / "packages")
            needed = [d for p in made.values() for d in packages.dependencies(p)
                      if d not in packages.NAMES and d != "systemd"]
            root = machine.made_root(packages.BUILD / "package" / "debian", needed, boots=False)
            base = buildah("from", "scratch")
            self.addCleanup(buildah, "rm", base)
            buildah("copy", "--quiet", base, root, "/")
            buildah("commit", "--quiet", base, BASE)
            self.addCleanup(buildah, "rmi", "--force", BASE)
            buildah("build", "--format", "docker", "--build-arg", f"BASE={BASE}",
                    "--build-context", f"build={folder / 'context'}", "--tag", IMAGE,
                    "--file", packages.ROOT / "Containerfile", folder / "context")
            self.addCleanup(buildah, "rmi", "--force", IMAGE)
            container = buildah("from", IMAGE)
            self.addCleanup(buildah, "rm", container)
            said = buildah("run", container, "--", "sh", "-c", TRIAL)
            self.assertRegex(said, r"told +northshire-council/front_door")
            self.assertEqual(said.splitlines()[-1], "cairn")
            config = buildah("inspect", "--format", "{{.OCIv1.Config}} {{.Docker.Config.Healthcheck}}", container)
            for word in ("cairn", "/var/lib/cairn", "7443", "check ready"):
                self.assertIn(word, config)


if __name__ == "__main__":
    why = machine.why_not() or (None if shutil.which("buildah") else "no buildah")
    if why:
        print(f"skipped: {why}", file=sys.stderr)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
