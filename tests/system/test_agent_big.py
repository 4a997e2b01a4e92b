"""Big files in the outbox of a real agent: what they cost its memory, and what a kill leaves of them."""

import json
import sys

import harness
import samples
from samples import MASH

sys.path.insert(0, str(harness.ROOT / "bench"))
import census  # noqa: E402
import fhir_bundle  # noqa: E402

WHO, DESK = "northshire-council", samples.FRONT_DOOR
DEFAULTS = f"""
[defaults]
purpose = "cin17"
bases = ["6E", "9G"]
desks = ["{MASH}"]
role = "duty social worker"
staff_id = "nc-0317"
authenticated_by = "entra-mfa"
risk = "need"
urgency = "same_day"
"""
# A file is mapped in a debug build while other tests have the cores.
PATIENCE_S = 8 * harness.PATIENCE_S
KIB = 1024


def missing_table(path, rows, children):
    """Episodes of looked-after children, those of one child together."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("CHILD,DOB,MISSING,MIS_START,MIS_END\n")
        for i in range(rows):
            out.write(f"{i * children // rows:080},02/03/2010,M,01/02/2020,02/02/2020\n")


def memory_kib(process, what):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(what))


class Big(harness.SystemTest):
    own_broker = True

    def setUp(self):
        super().setUp()
        self.folder = self.p.folder / WHO / "agent"
        self.log = self.p.folder / WHO / "agent.log"
        (self.folder / "outbox").mkdir(parents=True, mode=0o700)

    def agent(self):
        process = self.p.start_agent(WHO, [DESK], more=DEFAULTS, limit_s=PATIENCE_S)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()

    def draft(self, name, write, *arguments):
        """A file under a name that is left alone, and the function that renames it into place."""
        path = self.folder / "outbox" / f".{name}"
        write(str(path), *arguments)
        return path, lambda: path.rename(path.with_name(name))

    def lines(self, event):
        text = self.log.read_text() if self.log.exists() else ""
        return [x for x in map(json.loads, text.splitlines()) if x.get("event.action") == event]

    def connected(self):
        try:
            return json.loads((self.folder / "status.json").read_text()).get("state") == "good"
        except FileNotFoundError:
            return False


class memory(Big):
    def check(self, name, share, write, *arguments):
        """The file raises the agent's peak by less than that share of its size."""
        path, drop = self.draft(name, write, *arguments)
        size = path.stat().st_size / KIB
        process = self.agent()
        harness.poll("the agent to connect", self.connected)
        before = memory_kib(process, "VmHWM:")
        drop()
        harness.poll("the file to be taken", lambda: self.lines("taken"), PATIENCE_S)
        rise = memory_kib(process, "VmHWM:") - before
        print(f"{name}: {size / KIB:.0f} MiB, from {before / KIB:.1f} MiB by {rise / KIB:.1f} MiB", flush=True)
        self.assertEqual(list((self.folder / "rejected").iterdir()), [])
        self.assertLess(rise, size * share)

    def test_a_table_is_never_in_memory_whole(self):
        self.check("missing.csv", 1 / 2, missing_table, 300_000, 5_000)

    def test_a_census_is_never_in_memory_whole(self):
        self.check("census.xml", 1 / 2, census.write, 20_000)

    # Which resource belongs to which patient is held, and nothing of what they say.

    def test_a_bundle_in_xml_is_never_in_memory_whole(self):
        self.check("bundle.xml", 4 / 5, fhir_bundle.write_mb, 30, False)

    def test_a_bundle_in_json_is_never_in_memory_whole(self):
        self.check("bundle.json", 4 / 5, fhir_bundle.write_mb, 30, False)


class killed(Big):
    CHILDREN = 800

    def sent(self):
        return list((self.folder / "sent").glob("*.tlog-proof"))

    def die(self, process, what, check):
        harness.poll(what, check, PATIENCE_S)
        process.kill()
        process.wait()
        self.assertEqual(process.returncode, -9)

    def test_a_big_file_is_one_set_of_concerns_wherever_the_agent_is_killed(self):
        path, drop = self.draft("census.xml", census.write, self.CHILDREN)
        whole = path.read_bytes()
        self.assertGreater(len(whole), KIB * KIB)
        drop()
        dropped = path.with_name("census.xml")
        self.die(self.agent(), "the reading to begin", lambda: self.lines("reading"))
        # Untouched, or gone and all of it in the journal.
        if dropped.exists():
            self.assertEqual(dropped.read_bytes(), whole)
        self.die(self.agent(), "the file to be taken", lambda: self.lines("taken"))
        for target in (1, self.CHILDREN // 2):
            self.die(self.agent(), f"{target} receipts", lambda n=target: len(self.sent()) >= n)
        self.agent()
        harness.poll("every receipt", lambda: len(self.sent()) == self.CHILDREN, PATIENCE_S)
        self.assertEqual(self.p.desk_counts(MASH)["routed"], self.CHILDREN)

        again, drop = self.draft("again.xml", census.write, self.CHILDREN)
        drop()
        harness.poll(
            "the answer", lambda: list((self.folder / "sent").glob("*.duplicate.txt")), PATIENCE_S)
        self.assertFalse(again.with_name("again.xml").exists())
        self.assertEqual(self.p.desk_counts(MASH)["routed"], self.CHILDREN)
        self.assertEqual(list((self.folder / "outbox").iterdir()), [])
        self.assertEqual(list((self.folder / "rejected").iterdir()), [])
        self.p.good("auditor", "audit", "verify")


if __name__ == "__main__":
    harness.main()
