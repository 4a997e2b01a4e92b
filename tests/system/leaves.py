"""The values a file holds, by Python's own readers and not by the ones under test, and whether a report
accounts for each of them once and quotes none."""

import csv
import json
import re
import xml.etree.ElementTree

FHIR = "{http://hl7.org/fhir}"
PAGE = "{http://www.w3.org/1999/xhtml}"
HEAD_LINES = 5


def of_xml(element):
    """Elements without children, and stray text between elements. In FHIR values are attributes, and the
    narrative is one."""
    children = list(element)
    if element.tag.startswith(PAGE):
        return ["".join(element.itertext())]
    if not children and not element.tag.startswith(FHIR):
        return [element.text or ""]
    own = list(element.attrib.values()) if element.tag.startswith(FHIR) else []
    strays = [t for t in (element.text, *(c.tail for c in children)) if t and t.strip()]
    return own + strays + [value for c in children for value in of_xml(c)]


def of_json(value, name=""):
    """Strings, numbers, truths, nulls and what is empty; a FHIR type says where values stand and is none."""
    if value in ({}, []):
        return [""]
    if isinstance(value, dict):
        return [v for k, member in value.items() for v in of_json(member, k)]
    if isinstance(value, list):
        return [v for item in value for v in of_json(item, name)]
    return [] if name == "resourceType" else [str(value)]


def of_csv(text):
    """Cells, empty ones included, but for the names of the columns."""
    header, *rows = [row for row in csv.reader(text.splitlines()) if row]
    assert all(len(row) == len(header) for row in rows)
    return [cell for row in rows for cell in row]


def of_file(path):
    if path.suffix == ".xml":
        return of_xml(xml.etree.ElementTree.parse(path).getroot())
    text = path.read_text(encoding="utf-8-sig")
    return of_json(json.loads(text)) if path.suffix == ".json" else of_csv(text)


def check(test, path, report):
    """Each value of the file is in the report once: mapped, unmapped or ignored, and the head's sums say so."""
    rows = [line.split("\t") for line in report.splitlines()[HEAD_LINES:]]
    counts = {status: sum(row[1] == status for row in rows) for status in ("mapped", "unmapped", "ignored")}
    test.assertEqual(sum(counts.values()), len(rows), f"{path.name}: a row with another word")
    values = of_file(path)
    test.assertEqual(len(rows), len(values), f"{path.name}: rows of the report, values of the file")
    sums = ", ".join(f"{status} {count}" for status, count in counts.items())
    test.assertEqual(report.splitlines()[1], f"all {len(values)}, {sums}", path.name)
    places = [(row[0], row[2]) for row in rows]
    test.assertEqual(len(places), len(set(places)), f"{path.name}: a value is in its report twice")
    # A report gets mailed. Short words may stand in a path; numbers, dates and codes stand in none.
    telling = {v.strip() for v in values if re.search(r"\d", v) and len(v.strip()) > 4}
    test.assertTrue(telling, path.name)
    test.assertEqual([v for v in telling if v in report], [], f"{path.name}: values in the report")
