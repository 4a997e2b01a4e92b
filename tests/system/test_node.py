"""Stock Node clients: @grpc/grpc-js and @connectrpc/connect-node in all their wire forms."""

import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness
import samples
import wire
from samples import NAMED

SOURCES = harness.HERE / "node"


class Missing(Exception):
    """What these tests need is not there: a failure, or a skip where CAIRN_ALLOW_SKIP allows it."""


def fetch(folder, attempts=3):
    """npm retries a request; a registry that is away for a while needs more than that."""
    for left in reversed(range(attempts)):
        try:
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                 "--fetch-timeout=20000"],
                cwd=folder, capture_output=True, text=True, timeout=75, check=False,
            )
        except subprocess.TimeoutExpired as e:
            raise Missing("npm got no answer from its registry; CAIRN_ALLOW_SKIP=1 leaves out "
                          "the clients on Node") from e
        if done.returncode == 0:
            return
        if left == 0:
            raise Missing(f"npm cannot install: {done.stderr.strip()[-300:]}; CAIRN_ALLOW_SKIP=1 "
                          "leaves out the clients on Node")


def install():
    """Folder with the packages of the lock file and our scripts, outside the checkout."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Missing("no node or npm here")
    lock = (SOURCES / "package-lock.json").read_bytes()
    folder = harness.SCRATCH / f"node-{hashlib.sha256(lock).hexdigest()[:16]}"
    with open(harness.SCRATCH / "node.lock", "w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / "node_modules").exists():
            draft = pathlib.Path(tempfile.mkdtemp(dir=harness.SCRATCH))
            for f in ("package.json", "package-lock.json"):
                shutil.copy(SOURCES / f, draft)
            try:
                fetch(draft)
            except BaseException:
                shutil.rmtree(draft)
                raise
            os.rename(draft, folder)
        for f in SOURCES.glob("*.mjs"):
            shutil.copy(f, folder)
    return folder


class node(harness.SystemTest):
    """One script a library; each prints one line a check."""

    @classmethod
    def setUpClass(cls):
        try:
            cls.packages = install()
        except Missing as e:
            if os.environ.get("CAIRN_ALLOW_SKIP"):
                raise unittest.SkipTest(str(e)) from e
            raise
        super().setUpClass()

    def run_script(self, script, expected):
        descriptors = wire.generate_stubs() / "schema.binpb"
        setup = {
            "address": f"127.0.0.1:{self.p.port}",
            "metrics": f"http://127.0.0.1:{self.p.daemon.health_port}/metrics",
            "proto": str(wire.PROTO), "descriptors": str(descriptors),
            "concern": samples.small([NAMED]), "desk": NAMED,
            "deskCount": len(harness.DESKS), "patienceMs": int(harness.PATIENCE_S * 1000),
            "identities": {
                who: dict(zip(("certificate", "key", "authority"), map(str, self.p.files(who))))
                for who in ("oakfield", "northshire-health")
            },
        }
        file = self.p.folder / "setup.json"
        file.write_text(json.dumps(setup))
        done = harness.run(["node", self.packages / script, file], patience_s=120)
        found = [json.loads(x) for x in done.out.splitlines() if x.startswith("{")]
        for row in found:
            with self.subTest(row["name"]):
                self.assertTrue(row["ok"], row.get("why"))
        self.assertEqual(len(found), expected, str(done))
        self.assertEqual(done.code, 0, str(done))
        self.assert_conserved()

    def test_grpc_js(self):
        self.run_script("grpc_js.mjs", 11)

    def test_connect_node(self):
        self.run_script("connect_node.mjs", 27)

    def test_the_lock_file_names_no_registry(self):
        lock = (SOURCES / "package-lock.json").read_text()
        self.assertNotIn("resolved", lock)
        self.assertNotIn("://registry", lock)


if __name__ == "__main__":
    harness.main()
