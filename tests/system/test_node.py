"""Stock Node clients: @grpc/grpc-js and @connectrpc/connect-node in all their wire forms."""

import json

import harness
import npm
import samples
import wire
from samples import NAMED

SOURCES = harness.HERE / "node"


class node(harness.SystemTest):
    """One script a library; each prints one line a check."""

    @classmethod
    def setUpClass(cls):
        cls.packages = npm.install(SOURCES, "*.mjs")
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
