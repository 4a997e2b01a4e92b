"""What a backup costs a broker under load: one after another without a pause, which nobody does."""
import json
import pathlib
import subprocess
import threading
import time


def command(p, folder):
    """One backup of this partnership into two folders, to two new identities, which lie beside them."""
    words = [str(p.bin / "cairn"), "-o", "json", "backup", "--config", str(p.folder / "broker" / "cairnd.toml")]
    for name, to, option in (("ledger", "--to", "--recipient"), ("keys", "--keys-to", "--keys-recipient")):
        place = folder / name
        place.mkdir(parents=True)
        made = p.run("cairn", "-o", "json", "backup", "key", folder / f"{name}.identity")
        words += [to, str(place), option, json.loads(made.stdout)["recipient"]]
    return words


class Backups:
    """In `with`: backups of this partnership, one after another."""

    def __init__(self, p, folder):
        self.words = command(p, pathlib.Path(folder))
        self.done, self.failed, self.over = [], [], threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.is_set():
            begun = time.monotonic()
            done = subprocess.run(self.words, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                self.failed.append(done.stderr)
                return
            report = json.loads(done.stdout)
            self.done.append((time.monotonic() - begun, report["ledgerArchive"]["bytes"], report["records"]))
            for archive in ("ledgerArchive", "keysArchive"):
                pathlib.Path(report[archive]["file"]).unlink()
            pathlib.Path(report["erasedList"]).unlink()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def row(runs, full, backups, repeats):
    """Against the same load without a backup."""
    seconds, size, records = backups.done[-1]
    return {
        "case": "the same while one backup follows the other", "repeats": repeats,
        "concerns_per_s": float(runs), "of_those_without": float(runs / full),
        "backups": len(backups.done), "last_backup_s": float(seconds), "last_backup_mb": size / 1e6,
        "records_verified_per_s": float(records / seconds),
    }
