#!/usr/bin/python3
"""Runs every command of docs/RUNBOOK.md as it stands there, each section after its own disaster.

Changed are the places (the first block, and lines that set an example's value) and two words that
need a whole machine: `systemctl` starts and stops the real cairnd, and `as_broker` changes no user.
"""

import os
import re
import shutil
import sys
import time

import support
from shell import Shell

os.environ.setdefault("CAIRN_BIN", str(support.BUILD / "bin"))
sys.path.insert(0, str(support.ROOT / "tests" / "system"))

import harness  # noqa: E402
import samples  # noqa: E402
import wire  # noqa: E402
from samples import FRONT_DOOR, MASH  # noqa: E402

PAGE = support.ROOT / "docs" / "RUNBOOK.md"
SYSTEMCTL = r"""
as_broker() { "$@"; }
systemctl() {
    case $1 in
    start)
        if [ -f cairnd.pid ] && kill -0 "$(cat cairnd.pid)" 2>/dev/null; then return 0; fi
        cairnd --config "$CONFIG" >/dev/null 2>>cairnd.log </dev/null &
        echo $! >cairnd.pid ;;
    stop)
        [ -f cairnd.pid ] || return 0
        kill "$(cat cairnd.pid)" 2>/dev/null; wait "$(cat cairnd.pid)" 2>/dev/null
        rm -f cairnd.pid ;;
    restart) systemctl stop cairnd; systemctl start cairnd ;;
    esac
}
"""


def sections():
    """Title to its blocks of sh, each as its lines."""
    out = {}
    for part in re.split(r"^## ", PAGE.read_text(), flags=re.M)[1:]:
        title, _, text = part.partition("\n")
        found = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
        if found:
            out[title] = [b.strip().splitlines() for b in found]
    return out


class Ports:
    """What harness asks a daemon for, of one that a shell runs."""

    def __init__(self, port):
        self.port = port


class Runbook(harness.SystemTest):
    own_broker = True
    start_broker = False

    def setUp(self):
        super().setUp()
        self.pages = sections()
        self.port, health = support.free_port(), support.free_port()
        text = self.p.config.read_text()
        numbers = iter((self.port, health))
        self.p.config.write_text(
            re.sub(r"^port = \d+", lambda _: f"port = {next(numbers)}", text, flags=re.M)
        )
        self.p.daemon = Ports(self.port)
        self.p.point_contexts()
        self.home = self.p.folder
        self.places = {
            "CONFIG": self.p.config, "DATA": self.p.data, "HEALTH": f"127.0.0.1:{health}",
            "CAIRN_CONTEXT": self.p.context("admin"),
            "AUDITOR": self.p.context("auditor"), "AUTHORITY": self.p.authority,
            "NEW": self.home / "restored", "CREDENTIALS_DIRECTORY": self.p.broker / "keys",
        }
        for name in ("LEDGER", "KEYS"):
            self.places[f"{name}_TO"] = self.home / f"{name.lower()}-to"
            self.places[f"{name}_TO"].mkdir(mode=0o700)
            identity = self.home / f"{name.lower()}.identity"
            done = harness.run([harness.BIN / "cairn", "-o", "json", "backup", "key", identity])
            self.places[f"{name}_RECIPIENT"] = done.json()["recipient"]
            self.places[f"{name}_IDENTITY"] = identity
        self.shell = Shell(self.home, harness.BIN)
        self.addCleanup(self.shell.close)
        # The broker first: it holds the shell's output open.
        self.addCleanup(self.shell.run, "systemctl stop cairnd")
        self.said = ""
        self.section("Where things are")
        self.run_line(SYSTEMCTL)
        self.run_line("systemctl start cairnd; wait_ready")

    def _end_own(self):
        """The shell stops what it started."""

    def run_line(self, line, good=True):
        code, said = self.shell.run(line)
        if good:
            log = self.home / "cairnd.log"
            tail = log.read_text()[-3000:] if log.exists() else ""
            self.assertEqual(code, 0, f"RUNBOOK.md: {line}\n{said}\n--- cairnd\n{tail}")
        self.said += said + "\n"
        return said

    def section(self, title):
        """Every line of it, with this test's places."""
        for block in self.pages[title]:
            for line in block:
                self.run_line(line)
                if not line.startswith("export "):
                    continue
                for name in re.findall(r"\b([A-Z_]+)=(?![\"']?\$)", line):
                    self.assertIn(name, self.settled(), f"an example's value: {line}")
                    self.run_line(f"export {name}='{self.settled()[name]}'")
        return self.said

    def settled(self):
        when = re.search(r"--lost-since (\d{4}\S+Z)", self.said)
        return {**self.places, **({"LOST_SINCE": when[1]} if when else {})}

    def submit(self, *keys):
        """Receipts by key, as the sender keeps them."""
        with wire.Client(self.p, "oakfield") as c:
            return {k: c.submit(k, samples.small([MASH, FRONT_DOOR])).receipt for k in keys}

    def kill_broker(self):
        self.run_line('kill -9 "$(cat cairnd.pid)"; wait "$(cat cairnd.pid)"', good=False)

    # -- the sections

    def test_broker_away(self):
        before = self.submit("before-the-cut-1")
        self.kill_broker()
        outbox = self.home / "oakfield" / "agent" / "outbox"
        outbox.mkdir(parents=True, mode=0o700)
        agent = self.p.start_agent("oakfield", [], more="")
        self.addCleanup(agent.wait, support.PATIENCE_S)
        self.addCleanup(agent.terminate)
        example = (support.ROOT / "deploy" / "example" / "concern.json").read_text()
        (outbox / "meanwhile.part").write_text(example)
        (outbox / "meanwhile.part").rename(outbox / "meanwhile.json")
        harness.poll("the agent to take it", lambda: not (outbox / "meanwhile.json").exists())
        self.section("Broker away")
        with wire.Client(self.p, "northshire-council") as c:
            harness.poll("what was sent meanwhile", lambda: len(c.inbox(FRONT_DOOR)) == 2)
        self.assertEqual(self.submit(*before), before)

    def test_disk_lost(self):
        before = self.submit("before-the-night-1", "before-the-night-2")
        self.section("Every night")
        lost = self.submit("after-the-night-1")
        self.kill_broker()
        shutil.rmtree(self.p.broker)
        begun = time.monotonic()
        said = self.section("Disk lost")
        took = time.monotonic() - begun
        self.assertIn("recovery point", said)
        self.assertEqual(self.submit(*before), before)
        self.assertNotEqual(self.submit(*lost), lost)
        point = re.search(r"recovery point +(\S+Z)", said)[1]
        print(f"recovery point {point}, back after {took:.1f} s", flush=True)

    def test_keys_lost(self):
        self.places["NEW"] = self.home / "keys-restored"
        before = self.submit("before-the-night-1")
        self.section("Every night")
        later = self.submit("after-the-night-1", "after-the-night-2")
        head = self.home / "newest.tlog-proof"
        head.write_text(later["after-the-night-2"])
        self.places["HEAD"] = head
        (self.p.data / "keys.db").unlink()
        self.run_line(self.pages["Disk lost"][0][0])
        self.run_line(self.pages["Disk lost"][0][1])
        self.run_line(self.pages["Disk lost"][0][2])
        self.run_line(f"export KEYS_IDENTITY='{self.places['KEYS_IDENTITY']}'")
        self.section("Keys lost")
        everything = {**before, **later}
        self.assertEqual(self.submit(*everything), everything, "nothing is lost")

    def test_authority_expired(self):
        self.expire_authority()
        self.run_line("systemctl stop cairnd; systemctl start cairnd; wait_ready")
        self.assertNotEqual(self.p.cairn("admin", "status").code, 0)
        self.section("Authority expired")
        self.assertNotEqual(self.p.cairn("oakfield", "inbox", "oakfield/dsl").code, 0)
        shutil.copy(self.p.authority / "authority.pem", self.home / "oakfield" / "authority.pem")
        self.submit("with-the-renewed-1")

    def expire_authority(self):
        """The same authority with a certificate that ran out yesterday, everywhere."""
        place = self.home / "ca"
        place.mkdir()
        (place / "index.txt").write_text("")
        (place / "ca.cnf").write_text(
            "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\n"
            "default_md=sha256\npolicy=p\nunique_subject=no\nx509_extensions=v3\n"
            "[p]\norganizationName=optional\ncommonName=optional\n"
            "[v3]\nbasicConstraints=critical,CA:TRUE,pathlen:0\n"
            "keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
        )
        (place / "serial").write_text("1000\n")
        key, pem = self.p.authority / "authority.key", self.p.authority / "authority.pem"
        for command in (
            ["openssl", "x509", "-x509toreq", "-in", pem, "-signkey", key, "-out", "r.csr"],
            ["openssl", "ca", "-batch", "-config", "ca.cnf", "-selfsign", "-keyfile", key,
             "-in", "r.csr", "-out", "old.pem", "-notext", "-preserveDN",
             "-startdate", "20200101000000Z", "-enddate", "20210101000000Z"],
        ):
            done = harness.run(command, cwd=place)
            self.assertEqual(done.code, 0, done)
        for copy in self.home.rglob("authority.pem"):
            shutil.copy(place / "old.pem", copy)

    def test_certificate_stolen(self):
        listed = self.p.good("admin", "-o", "json", "cert", "list").json()["certificates"]
        pin = next(c["sha256"] for c in listed if c["uri"].endswith("/agency/oakfield"))
        self.places["STOLEN"], self.places["AGENCY"] = pin[:16], "oakfield"
        stolen = self.submit("by-the-thief-1")
        said = self.section("Certificate stolen")
        self.assertIn("revoked", said)
        refused = self.p.cairn("oakfield", "inbox", "oakfield/dsl")
        self.assertEqual(refused.code, 77, refused)
        # The agency goes on with its new one.
        self.assertEqual(self.p.cairn("new-oakfield", "inbox", "oakfield/dsl").code, 0)
        self.assertTrue(stolen)

    @harness.needs_mounting
    def test_disk_full(self):
        self.run_line("systemctl stop cairnd")
        kept = self.home / "kept"
        self.p.data.rename(kept)
        self.p.data.mkdir(mode=0o700)
        size = sum(f.stat().st_size for f in kept.iterdir()) + 1024 * 1024
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", self.p.data]
        if harness.run(mount).code != 0:
            self.skipTest("no mounting here")
        self.addCleanup(harness.run, ["umount", "-l", self.p.data])
        for f in kept.iterdir():
            shutil.copy(f, self.p.data / f.name)
        self.run_line("systemctl start cairnd")
        told, full = {}, False
        large = samples.small([MASH])
        large["assertions"] = [
            {"ref": f"a-{k}", "kind": "KIND_FACT", "text": "what was said. " * 500}
            for k in range(8)
        ]
        with wire.Client(self.p, "oakfield") as c:
            harness.poll("the broker", lambda: self.p.cairn("admin", "desk", "list").code == 0)
            for n in range(500):
                try:
                    told[f"fill-{n:04}"] = c.submit(f"fill-{n:04}", large).receipt
                except wire.grpc.RpcError:
                    full = True
                    break
        self.assertTrue(full)
        # "Make room: enlarge the volume".
        first, second = self.pages["Disk full"]
        for line in first:
            self.run_line(line)
        harness.run(["mount", "-o", "remount,size=200m", self.p.data])
        for line in second:
            self.run_line(line)
        with wire.Client(self.p, "oakfield") as c:
            for key, receipt in told.items():
                self.assertEqual(c.submit(key, large).receipt, receipt)

    def test_every_section_has_its_test(self):
        ran = {"Where things are", "Every night"}
        for name in dir(self):
            if name.startswith("test_"):
                ran.add(name[5:].replace("_", " ").capitalize())
        self.assertEqual(set(self.pages) - ran, set())


if __name__ == "__main__":
    harness.main()
