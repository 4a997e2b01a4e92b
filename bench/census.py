#!/usr/bin/python3
"""Writes a Children in Need census return of synthetic children, as large as asked: what bench/agent measures on.

usage: bench/census.py FILE [--children N]
"""
import argparse

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<Message>
<Header>
<CollectionDetails><Collection>CIN</Collection><Year>2026</Year><ReferenceDate>2026-03-31</ReferenceDate>
</CollectionDetails>
<Source><LEA>201</LEA></Source>
</Header>
<Children>
"""
TAIL = "</Children>\n</Message>\n"
ASSESSMENT = """<Assessments>
<AssessmentActualStartDate>2025-{month}-01</AssessmentActualStartDate>
<AssessmentAuthorisationDate>2025-{month}-20</AssessmentAuthorisationDate>
<FactorsIdentifiedAtAssessment>
<AssessmentFactors>3A</AssessmentFactors>
<AssessmentFactors>4B</AssessmentFactors>
</FactorsIdentifiedAtAssessment>
</Assessments>
"""
CHILD = """<Child>
<ChildIdentifiers>
<LAchildID>NS{n:08}</LAchildID>
<UPN>H801200001001</UPN>
<PersonBirthDate>{year}-03-27</PersonBirthDate>
<Sex>{sex}</Sex>
</ChildIdentifiers>
<ChildCharacteristics>
<Ethnicity>WBRI</Ethnicity>
<Disabilities><Disability>HAND</Disability></Disabilities>
</ChildCharacteristics>
<CINdetails>
<CINreferralDate>2025-01-01</CINreferralDate>
<ReferralSource>1A</ReferralSource>
<PrimaryNeedCode>N4</PrimaryNeedCode>
<DateOfInitialCPC>2025-02-01</DateOfInitialCPC>
{assessments}<CINPlanDates><CINPlanStartDate>2025-03-01</CINPlanStartDate></CINPlanDates>
<Section47>
<S47ActualStartDate>2025-01-03</S47ActualStartDate>
<ICPCnotRequired>false</ICPCnotRequired>
</Section47>
<ChildProtectionPlans>
<CPPstartDate>2025-02-01</CPPstartDate>
<InitialCategoryOfAbuse>PHY</InitialCategoryOfAbuse>
<NumberOfPreviousCPP>1</NumberOfPreviousCPP>
</ChildProtectionPlans>
</CINdetails>
</Child>
"""


def child(n):
    assessments = "".join(ASSESSMENT.format(month=month) for month in ("01", "02"))
    return CHILD.format(n=n, year=2010 + n % 14, sex="MF"[n % 2], assessments=assessments)


def write(path, children):
    with open(path, "w", encoding="utf-8") as f:
        f.write(HEAD)
        for n in range(children):
            f.write(child(n))
        f.write(TAIL)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("file")
    args.add_argument("--children", type=int, default=10_000)
    a = args.parse_args()
    write(a.file, a.children)


if __name__ == "__main__":
    main()
