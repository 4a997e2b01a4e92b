"""What the tests of backups share: identities, a backup, a restore, the restored folder started."""

import pathlib
import re

import harness
import samples
import wire
from samples import MASH, NAMED

TIME = re.compile(r"--lost-since (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")


class Backups:
    """Two places and two identities beside a partnership."""

    def __init__(self, partnership):
        self.p = partnership
        self.folder = partnership.folder / "backups"
        self.ledger_to, self.keys_to = self.folder / "ledger", self.folder / "keys"
        for f in (self.folder, self.ledger_to, self.keys_to):
            f.mkdir(mode=0o700)
        self.recipients = {}
        for name in ("ledger", "keys"):
            done = harness.run(
                [harness.BIN / "cairn", "-o", "json", "backup", "key", self.identity(name)]
            )
            assert done.code == 0, done
            self.recipients[name] = done.json()["recipient"]

    def identity(self, name):
        return self.folder / f"{name}.identity"

    def command(self, *more):
        return [
            harness.BIN / "cairn", "-o", "json", "backup", "--config", self.p.config,
            "--to", self.ledger_to, "--keys-to", self.keys_to,
            "--recipient", self.recipients["ledger"],
            "--keys-recipient", self.recipients["keys"], *more,
        ]

    def make(self):
        """The report of a good backup."""
        done = harness.run(self.command(), patience_s=120)
        assert done.code == 0, done
        return done.json()

    def restore(self, report, to, *more, identities=("ledger", "keys"), table=False):
        """What `cairn restore` said."""
        given = [x for n in identities for x in ("--identity", self.identity(n))]
        return harness.run(
            [harness.BIN / "cairn", *([] if table else ["-o", "json"]), "restore", to,
             "--ledger", report["ledgerArchive"]["file"], "--keys", report["keysArchive"]["file"],
             *given, *more],
            patience_s=120,
        )

    def give_up(self, report, to, *more):
        """A restore that accepts the loss, by the time which the refusal printed."""
        refused = self.restore(report, to, *more)
        assert refused.code == 65, refused
        assert "log_damaged" in refused.err, refused
        assert not pathlib.Path(to).exists(), "a refused restore leaves nothing"
        when = TIME.search(refused.err)
        assert when, refused
        done = self.restore(report, to, *more, "--lost-since", when[1])
        assert done.code == 0, done
        return done.json()


class Restored(harness.Partnership):
    """The partnership whose broker is in another folder now; contexts stay where they were."""

    def __init__(self, before, broker):
        super().__init__(before.folder)
        self.broker = pathlib.Path(broker)
        self.data = self.broker / "data"
        self.config = self.broker / "cairnd.toml"
        self.log_path = self.folder.parent / f"{self.folder.name}-{self.broker.name}.log"


def submit(partnership, keys, sample=None):
    """Receipts by key, as the sender would keep them."""
    with wire.Client(partnership, "oakfield") as c:
        return {
            k: c.submit(k, sample or samples.small([MASH, NAMED])).receipt for k in keys
        }
