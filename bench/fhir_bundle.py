#!/usr/bin/python3
"""Writes a FHIR Bundle of synthetic children, as large as asked: what cairn-bench-fhir and bench/agent measure on.

usage: bench/fhir_bundle.py FILE [--mb N] [--strewn]

The name's end says the syntax, .xml or .json. Each child is a Patient with a mother, a Flag of CP-IS,
a CarePlan, a CareTeam and a Communication. Strewn: all Patients first, then all Flags and so on, so
that nothing of one child stands together.
"""
import argparse
import json
import xml.sax.saxutils

GIVEN = ["Asha", "Rowan", "Tamsin", "Idris", "Petra", "Jory", "Mabli", "Soren"]
FAMILY = ["Ashgrove", "Oakley", "Stonewell", "Vellacott", "Larkspur", "Wrenbury"]
PROSE = ("Seen in the department after a fall at home. The account given by the adult changed between triage and "
         "examination. Bruises of different ages on both forearms. The child was quiet and looked to the adult "
         "before each answer. ")


def concept(system, code, display):
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def child(n):
    """The resources of one child, by their order in a grouped file."""
    me = {"reference": f"Patient/c{n}", "display": f"{GIVEN[n % 8]} {FAMILY[n % 6]}"}
    yield "Patient", f"c{n}", {
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": f"999{n:07d}"}],
        "name": [{"use": "usual", "family": FAMILY[n % 6], "given": [GIVEN[n % 8]]}],
        "telecom": [{"system": "phone", "value": f"01632 960{n % 1000:03d}"}],
        "gender": "female" if n % 2 else "male", "birthDate": f"{2010 + n % 14}-0{1 + n % 9}-1{n % 9}",
        "address": [{"use": "home", "line": [f"{n} Larkspur Way"], "city": "Northshire", "postalCode": "NN4 6AB"}]}
    yield "RelatedPerson", f"r{n}", {
        "patient": me, "relationship": [concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "MTH", "mother")],
        "name": [{"family": FAMILY[n % 6], "given": ["Petra"]}]}
    yield "Flag", f"f{n}", {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/flag-detail",
                       "valueReference": {"reference": f"CarePlan/k{n}"}}],
        "status": "active", "subject": me, "period": {"start": "2026-01-20T09:00:00+00:00"},
        "code": concept("https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient",
                        "child-protection-information-system-flag", "Child Protection Information System Flag")}
    yield "CarePlan", f"k{n}", {
        "status": "active", "intent": "plan", "subject": me, "period": {"start": "2026-01-20"},
        "category": [concept("http://snomed.info/sct", "342191000000101", "Subject to child protection plan")],
        "careTeam": [{"reference": f"CareTeam/t{n}"}]}
    yield "CareTeam", f"t{n}", {
        "status": "active", "name": "NORTHSHIRE COUNCIL",
        "telecom": [{"system": "phone", "value": "01632 960200", "use": "work"}]}
    yield "Communication", f"m{n}", {
        "status": "completed", "priority": "urgent", "subject": me, "sent": "2026-11-20T10:00:00Z",
        "topic": {"text": PROSE * 2}}


def to_xml(name, value, out):
    if isinstance(value, list):
        for v in value:
            to_xml(name, v, out)
    elif isinstance(value, dict):
        url = f" url={xml.sax.saxutils.quoteattr(value['url'])}" if "url" in value and name == "extension" else ""
        out.append(f"<{name}{url}>")
        for k, v in value.items():
            if not (k == "url" and url):
                to_xml(k, v, out)
        out.append(f"</{name}>")
    else:
        out.append(f"<{name} value={xml.sax.saxutils.quoteattr(str(value))}/>")


def entry(kind, ident, content, as_xml):
    if not as_xml:
        return json.dumps({"fullUrl": f"https://ehr.example/fhir/{kind}/{ident}",
                           "resource": {"resourceType": kind, "id": ident, **content}}, indent=1)
    out = [f'<entry><fullUrl value="https://ehr.example/fhir/{kind}/{ident}"/>\n<resource>']
    to_xml(kind, {"id": ident, **content}, out)
    out.append("</resource></entry>\n")
    return "\n".join(out)


def entries(count, strewn, as_xml):
    if not strewn:
        for n in range(count):
            for parts in child(n):
                yield entry(*parts, as_xml)
        return
    for kind in range(6):
        for n in range(count):
            yield entry(*list(child(n))[kind], as_xml)


def write(path, count, strewn):
    as_xml = path.endswith(".xml")
    with open(path, "w", encoding="utf-8") as f:
        f.write('<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>\n' if as_xml
                else '{"resourceType":"Bundle","type":"collection","entry":[\n')
        for i, text in enumerate(entries(count, strewn, as_xml)):
            f.write(text if as_xml or i == 0 else ",\n" + text)
        f.write("</Bundle>\n" if as_xml else "]}\n")


def write_mb(path, megabytes, strewn):
    one = sum(len(entry(*parts, path.endswith(".xml"))) + 2 for parts in child(5000))
    write(path, max(1, int(megabytes * 1e6 / one)), strewn)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("file")
    args.add_argument("--mb", type=float, default=100)
    args.add_argument("--strewn", action="store_true")
    a = args.parse_args()
    write_mb(a.file, a.mb, a.strewn)


if __name__ == "__main__":
    main()
