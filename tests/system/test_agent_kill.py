"""kill -9 of the agents, the sending and the receiving one: whatever lay in the outbox arrives, once
each, and is confirmed."""

import json
import os
import random

import harness
import samples
from samples import MASH

FILES = 24
LIVES = int(os.environ.get("CAIRN_KILL_ROUNDS", "6"))


class agents_killed(harness.SystemTest):
    """One partnership; its agents live a few moments at a time."""

    own_broker = True

    def folder(self, who):
        return self.p.folder / who / "agent"

    def start_agent(self, who, desks):
        process = self.p.start_agent(who, desks)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()

    def drop(self):
        outbox = self.folder("oakfield") / "outbox"
        outbox.mkdir(parents=True, mode=0o700)
        for i in range(FILES):
            draft = outbox / f".draft-{i}"
            # The same content twice would be one concern.
            concern = samples.small([MASH])
            draft.write_text(json.dumps(concern) + " " * i)
            draft.rename(outbox / f"{i:03}.json")

    def sent(self):
        """Concern ids the sending agent has filed."""
        filed = (self.folder("oakfield") / "sent").glob("*.json")
        return [json.loads(f.read_text())["concernId"] for f in filed]

    def received(self):
        """Concern ids of the notices the receiving agent has filed."""
        inbox = self.folder("northshire-police") / "inbox"
        return [json.loads(f.read_text())["concernId"] for f in inbox.rglob("*.json")]

    def live_and_die(self, who, desks, progress, target):
        """An agent that is killed once it has got as far as `target`."""
        process = self.start_agent(who, desks)
        harness.poll(f"{who} filed {target}", lambda: len(progress()) >= target)
        process.kill()
        process.wait()
        self.assertEqual(process.returncode, -9)

    def test_everything_dropped_arrives_once_and_is_confirmed(self):
        seed = int(os.environ.get("CAIRN_SEED") or random.SystemRandom().randrange(1 << 32))
        print(f"seed {seed} (repeat: CAIRN_SEED={seed})", flush=True)
        dice = random.Random(seed)
        self.drop()
        for who, desks, progress in (
            ("oakfield", [samples.DSL], self.sent),
            ("northshire-police", [MASH], self.received),
        ):
            for target in [*sorted(dice.sample(range(FILES), LIVES)), FILES]:
                self.live_and_die(who, desks, progress, target)
        # Killed the moment the last notice was filed: what it still owes, the next life pays.
        last = self.start_agent("northshire-police", [MASH])
        harness.poll("every confirm", lambda: self.p.desk_counts(MASH)["confirmed"] == FILES)
        self.end(last)

        self.assertEqual(sorted(self.received()), sorted(self.sent()))
        self.assertEqual(len(set(self.sent())), FILES)
        counts = self.p.desk_counts(MASH)
        self.assertEqual((counts["routed"], counts["confirmed"]), (FILES, FILES))
        self.assertEqual(list((self.folder("oakfield") / "outbox").glob("*.json")), [])
        self.assertEqual(list((self.folder("oakfield") / "rejected").iterdir()), [])
        self.p.good("auditor", "audit", "verify")


if __name__ == "__main__":
    harness.main()
