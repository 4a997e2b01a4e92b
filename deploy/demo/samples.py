"""The public samples of the four kinds of agency, where they are present: who drops which, and what its
report says became of it. They are read where they lie and are no part of the project."""
import collections
import os
import pathlib
import shutil

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SIDECARS = HERE / "sidecars"

# `title` and `root`: how the report of the file is known. `notices`: how many it makes for whom.
Sample = collections.namedtuple("Sample", "file agency words title root notices")
SAMPLES = [
    Sample("csc-validator-be-cin/CIN_Census_2026.xml", "northshire-council", "census",
           "Children in Need census", "Message/",
           {"oakfield": 2, "northshire-health": 2, "northshire-police": 2}),
    Sample("csc-validator-be-903/missing.csv", "northshire-council", "missing episodes",
           "SSDA903 missing episodes", "row/", {"northshire-police": 39}),
    Sample("hmpps-person-record/commonPlatformMessage.json", "northshire-police", "court hearing",
           "court hearing", "hearing/", {"northshire-council": 3}),
    Sample("IOPS-FHIR-Simplifier-Backup/CPIS-CPP-Bundle-Example.xml", "northshire-health",
           "child protection flag", "FHIR R4", "Bundle/", {"northshire-council": 1}),
    Sample("personal-demographics-service-api/Sensitive_Patient.json", "northshire-health",
           "restricted patient", "FHIR R4", "Patient/", {}),
    Sample("SUI_Matcher/reconciliation_test_data.csv", "oakfield", "pupil list", "pupil list", "row/", {}),
]


def folder():
    return pathlib.Path(os.environ.get("CAIRN_SHARED") or ROOT.parent / "shared") / "samples"


def present():
    return [s for s in SAMPLES if (folder() / s.file).exists()]


def notices(samples):
    """How many notices these samples make, an agency."""
    out = collections.Counter()
    for s in samples:
        out.update(s.notices)
    return out


def drop(sample, outbox):
    """As it is; a sidecar goes before it where the agency's defaults do not fit or are none."""
    name = pathlib.Path(sample.file).name
    sidecar = SIDECARS / (name + ".toml")
    if sidecar.exists():
        shutil.copyfile(sidecar, outbox / sidecar.name)
    draft = outbox / ".dropping"
    shutil.copyfile(folder() / sample.file, draft)
    os.rename(draft, outbox / name)


def report_of(sample, reports):
    """The text of its report, or None."""
    for path in reports:
        text = path.read_text()
        title, *_, rows = text.partition("\n\nline\tstatus\tplace\tnote\n")
        first = rows.split("\t", 3)
        if title.startswith(sample.title + ":") and len(first) > 2 and first[2].startswith(sample.root):
            return text
    return None


def said(sample, report, first):
    """One clause; the first says what the numbers are."""
    counts, concerns = (dict(part.split(" ") for part in line.split(", ")) for line in report.splitlines()[1:3])
    made = concerns["concerns"] + (" concerns" if first else "")
    numbers = [counts[k] + (" " + k if first else "") for k in ("mapped", "unmapped", "ignored")]
    return f"{sample.words}: {'a report alone' if made == '0' else made} ({', '.join(numbers)})"
