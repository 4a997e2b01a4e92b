"""A certificate in the second half of its life, as a machine's authority would have made it long ago. Made and
registered from outside: the machine has neither openssl nor curl."""

import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import types

import packages

os.environ.setdefault("CAIRN_BIN", str(packages.BUILD / "bin"))
sys.path.insert(0, str(packages.ROOT / "tests" / "system"))

from certificates import Forge, fingerprint  # noqa: E402

PARTNERSHIP = "northshire.example"


def call(m, etc, path, body):
    """An administrator's call from the machine's own network."""
    done = subprocess.run(
        ["nsenter", "--target", m.leader, "--net", "curl", "--silent", "--show-error", "--fail-with-body",
         "--noproxy", "*", "--json", json.dumps(body), "--cacert", etc / "admin" / "authority.pem",
         "--cert", etc / "admin" / "admin.pem", "--key", etc / "admin" / "admin.key",
         f"https://localhost:7443/cairn.v1.Admin/{path}"],
        capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"Admin.{path}: {done.stdout} {done.stderr}")


def old_certificate(m, folder, agency, desk):
    """Texts of certificate and key: the registry holds it good, and its renewal is due."""
    etc = pathlib.Path(f"/proc/{m.leader}/root/etc/cairn")
    here = types.SimpleNamespace(name=PARTNERSHIP, authority=etc / "authority", folder=etc)
    forge = Forge(here, folder)
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    start, end = (now + datetime.timedelta(days=d) for d in (-300, 65))
    certificate, key, _ = forge.make(
        [forge.uri(f"agency/{agency}")], start=f"{start:%Y%m%d%H%M%SZ}", end=f"{end:%Y%m%d%H%M%SZ}")
    pin = fingerprint(certificate)
    shutil.copy(certificate, here.authority / "issued" / f"{pin}.pem")
    call(m, etc, "Apply", {"changes": [{"certificate": {
        "sha256": pin, "uri": f"spiffe://{PARTNERSHIP}/agency/{agency}", "agency": agency, "desks": [desk],
        "kinds": ["CONCERN_KIND_NOTIFICATION"], "purposes": ["PURPOSE_S47"],
        "notBeforeUs": f"{start.timestamp():.0f}000000", "notAfterUs": f"{end.timestamp():.0f}000000",
    }}]})
    return certificate.read_text(), key.read_text()
