"""Certificates no honest authority makes, by the openssl command line: foreign to our own code."""

import pathlib

import harness

CONFIG = """
[ca]
default_ca = us
[us]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = optional
[req]
distinguished_name = nobody
[nobody]
"""

EXTENSIONS = """
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = {usage}
{names}
"""


def openssl(*arguments, **more):
    """What it said; anything but success ends the test."""
    done = harness.run(["openssl", *arguments], **more)
    assert done.code == 0, done
    return done.out


class Forge:
    """Signs what it is told to, with the partnership's authority or with one of its own."""

    def __init__(self, partnership, folder):
        self.p = partnership
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        (self.folder / "index").touch()
        (self.folder / "serial").write_text("7A00\n")
        self.config = self.folder / "openssl.cnf"
        self.config.write_text(CONFIG.format(folder=self.folder))
        self.count = 0

    @property
    def honest(self):
        return self.p.authority / "authority.pem", self.p.authority / "authority.key"

    def authority(self, subject):
        """A false authority: certificate and key."""
        certificate, key = self.folder / "false.pem", self.folder / "false.key"
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", key, "-out", certificate, "-days", "30", "-subj", subject,
            "-config", self.config, "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        )
        return certificate, key

    def honest_subject(self):
        """The partnership authority's own name, for a false one to take."""
        said = openssl("x509", "-in", self.honest[0], "-noout", "-subject", "-nameopt", "compat")
        return said.strip().removeprefix("subject=").strip()

    def uri(self, rest="agency/oakfield"):
        return f"URI:spiffe://{self.p.name}/{rest}"

    def make(self, names, signer=None, usage="clientAuth", start=None, end=None):
        """Certificate, key and the broker's authority, as files. Times as YYYYMMDDHHMMSSZ."""
        self.count += 1
        stem = self.folder / f"c{self.count}"
        key, request, certificate = (stem.with_suffix(x) for x in (".key", ".csr", ".pem"))
        extensions = stem.with_suffix(".ext")
        alt = f"subjectAltName = {', '.join(names)}" if names else ""
        extensions.write_text(EXTENSIONS.format(usage=usage, names=alt))
        openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", key, "-out", request, "-subj", "/CN=oakfield", "-config", self.config,
        )
        by, by_key = signer or self.honest
        times = ["-startdate", start or "20260101000000Z", "-enddate", end or "20351231000000Z"]
        openssl(
            "ca", "-batch", "-notext", "-config", self.config, "-in", request, "-out", certificate,
            "-cert", by, "-keyfile", by_key, "-extfile", extensions, "-extensions", "client",
            *times,
        )
        return certificate, key, self.p.folder / "admin" / "authority.pem"


def fingerprint(certificate):
    """SHA-256 of the DER, hex: the pin."""
    said = openssl("x509", "-in", certificate, "-noout", "-fingerprint", "-sha256")
    return said.strip().split("=")[1].replace(":", "").lower()
