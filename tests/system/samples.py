"""Concerns of people who do not exist. Telephone numbers are of Ofcom's ranges for drama, NHS
numbers of the test range, the pupil number is made up."""

import copy
import datetime

# Planted: these may reach listed desks and nobody else.
SAFE_HOUSE = "7 Heronsgate Mews"
SAFE_TOWN = "Wrenbury Sallow"
SAFE_POSTCODE = "ZZ9 8QP"
SAFE_PHONE = "01632 960777"
CANARIES = [b"Heronsgate", b"Wrenbury", b"ZZ9 8QP", b"ZZ98QP", b"960777", b"heronsgate"]

# Planted in what police and nobody else may read of the accused.
OFFENCE = "assault occasioning actual bodily harm"
GRADING = "B2, source protected"

FRONT_DOOR = "northshire-council/front_door"
MASH = "northshire-police/mash"
PPU = "northshire-police/ppu"
NAMED = "northshire-health/named"
DSL = "oakfield/dsl"
LADO = "northshire-council/lado"


def small(desks=(FRONT_DOOR,), **more):
    """A notification with what is required and little else."""
    concern = {
        "purpose": "PURPOSE_S47",
        "bases": ["LAWFUL_BASIS_6C", "LAWFUL_BASIS_S1P18"],
        "urgency": "URGENCY_SAME_DAY",
        "desks": list(desks),
        "acting": {
            "role": "designated safeguarding lead", "staffId": "oak-7731",
            "authenticatedBy": "entra-mfa",
        },
        "familyInformed": {"answer": "ANSWER_NO_UNSAFE"},
        "persons": [
            {
                "ref": "child-1",
                "role": "SUBJECT_CHILD",
                "names": [{"use": "USE_USUAL", "given": "Tamsin", "family": "Oakley"}],
                "birth": {"born": {"year": 2017, "month": 3, "day": 9}},
                "sex": "SEX_FEMALE",
                "voice": {"seen": "ANSWER_YES"},
            }
        ],
        "risk": {"level": "RISK_LEVEL_SIGNIFICANT_HARM"},
        "notification": {
            "incident": "INCIDENT_INJURY",
            "happenedAt": "2026-01-21T15:10:00Z",
            "summary": "Bruise seen at school; child afraid to go home",
        },
    }
    concern.update(more)
    return concern


def childs_record():
    """What is known of the child besides its name: most of a referral."""
    return {
        "identifiers": [
            {"scheme": "SCHEME_NHS_NUMBER", "value": "9000000009"},
            {"scheme": "SCHEME_LA_CHILD_ID", "value": "NS-44120"},
        ],
        "addresses": [
            {
                "harm": "HARM_SAFE", "use": "USE_FORMER", "lines": ["3 Larkspur Way"],
                "postcode": "NN4 6AB", "localAuthority": "Northshire",
            },
            {
                "harm": "HARM_PROTECTED", "use": "USE_TEMPORARY",
                "lines": [SAFE_HOUSE, SAFE_TOWN], "postcode": SAFE_POSTCODE,
            },
        ],
        "contacts": [
            {
                "harm": "HARM_PROTECTED", "system": "SYSTEM_PHONE", "value": SAFE_PHONE,
                "safeContact": "mornings only",
            }
        ],
        "relations": [
            {
                "toRef": "man-1", "kind": "KIND_PARTNER_OF_PARENT",
                "parentalResponsibility": "ANSWER_NO", "mayCollect": "ANSWER_NO",
            }
        ],
        "household": {
            "members": [
                {
                    "ref": "carer-1", "livesThere": "ANSWER_YES",
                    "accordingTo": "the mother",
                    "seenOn": {"year": 2026, "month": 1, "day": 20},
                }
            ],
            "protectiveFactors": ["grandmother close by"],
        },
        "education": {
            "schoolCode": "100042", "schoolName": "Oakfield Primary School",
            "yearGroup": "4", "attendancePercent": 81, "specialNeeds": "speech and language",
        },
        "health": {
            "conditions": [
                {
                    "name": "asthma", "effect": "carries an inhaler",
                    "medication": "salbutamol inhaler",
                }
            ],
            "injuries": [
                {
                    "site": "left forearm", "description": "bruise in the shape of fingers",
                    "medicalOpinion": "grip mark", "watchFor": "new bruises",
                    "seenOn": {"year": 2026, "month": 1, "day": 21},
                }
            ],
            "generalPractice": "Larkspur Surgery",
        },
        "sensitiveServices": [
            {
                "kind": "KIND_SUBSTANCE_TREATMENT", "bar": "BAR_NONE",
                "detail": "young person's clinic, two visits",
            }
        ],
        "characteristics": {
            "ethnicity": "WBRI", "religion": "none", "language": "English",
            "interpreterNeeded": False,
        },
        "caseStatus": {
            "localAuthority": "Northshire",
            "plans": [{"kind": "KIND_CHILD_IN_NEED", "from": {"year": 2025, "month": 9}}],
        },
        "voice": {
            "seen": "ANSWER_YES", "seenAlone": "ANSWER_YES",
            "lastSeenOn": {"year": 2026, "month": 1, "day": 21},
            "summary": "says home is loud at night", "languageUsed": "English",
        },
        "dailyLife": {"home": "shares a room", "friends": "plays with two classmates"},
    }


def full(desks=(FRONT_DOOR, MASH, NAMED)):
    """More than forty populated fields about five people: an injured child in a refuge, a brother,
    a mother, a convicted man, a neighbour who asked not to be named. No free text: beside a
    protected address and intelligence no front door could be shown one, and the referral would be
    refused."""
    concern = small(desks)
    concern["persons"][0].update(childs_record())
    concern["persons"] += [
        {
            "ref": "child-2",
            "role": "SUBJECT_SIBLING",
            "names": [{"use": "USE_USUAL", "given": "Rowan", "family": "Oakley"}],
            "birth": {"born": {"year": 2020, "month": 6, "day": 2}},
        },
        {
            "ref": "carer-1",
            "role": "SUBJECT_CARER",
            "names": [{"use": "USE_USUAL", "given": "Petra", "family": "Oakley"}],
            "health": {
                "mental": [
                    {"condition": "depressive episode", "effect": "tired in the mornings"}
                ]
            },
        },
        {
            "ref": "man-1",
            "role": "SUBJECT_ALLEGED_PERPETRATOR",
            "names": [{"use": "USE_USUAL", "given": "Gareth", "family": "Stonewell"}],
            "convictions": [
                {
                    "offence": OFFENCE, "offenceClass": "OFFENCE_CLASS_VIOLENCE",
                    "disposal": "DISPOSAL_CONVICTED", "on": {"year": 2019, "month": 5},
                    "relevantToChild": "ANSWER_YES", "riskStatement": "not to collect the child",
                    "court": "Northshire Crown Court",
                }
            ],
            "orders": [
                {
                    "kind": "KIND_NON_MOLESTATION", "conditions": "not within 100 metres",
                    "toEnforce": "no contact with the mother",
                }
            ],
        },
        {
            "ref": "referrer-1",
            "role": "SUBJECT_REFERRER",
            "wishesAnonymity": True,
            "names": [{"use": "USE_USUAL", "given": "Idris", "family": "Vellacott"}],
            "contacts": [
                {"harm": "HARM_SAFE", "system": "SYSTEM_PHONE", "value": "01632 960123"}
            ],
        },
    ]
    concern["assertions"] = [
        {
            "ref": "a-1", "about": "man-1", "kind": "KIND_ALLEGATION", "source": "the neighbour",
            "allegation": {"accused": "man-1"},
        },
        {
            "ref": "a-2", "about": "man-1", "kind": "KIND_INTELLIGENCE",
            "intelligence": {"grading": GRADING, "sanitised": "risk noted"},
        },
    ]
    concern["risk"].update(
        {
            "factors": ["ASSESSMENT_FACTOR_3A", "ASSESSMENT_FACTOR_2A"],
            "assessedAt": "2026-01-21T16:00:00Z", "assessedByRole": "safeguarding lead",
            "actions": ["strategy discussion today"],
        }
    )
    concern["notification"].update(
        {
            "place": {"kind": "KIND_HOME"}, "childPresent": "ANSWER_YES",
            "requested": [{"kind": "KIND_STRATEGY_DISCUSSION"}], "source": "REFERRAL_SOURCE_1B",
        }
    )
    return concern


def in_days(days):
    """A day from now on: what is declared is not reviewed in the past."""
    day = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=days)
    return {"year": day.year, "month": day.month, "day": day.day}


def leaves(value):
    """How many populated fields a concern in JSON has."""
    if isinstance(value, dict):
        return sum(leaves(v) for v in value.values())
    if isinstance(value, list):
        return sum(leaves(v) for v in value)
    return 1


def without(concern, *path):
    """A copy without the member at `path`."""
    out = copy.deepcopy(concern)
    at = out
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return out


def changed(concern, value, *path):
    """A copy with `value` at `path`."""
    out = copy.deepcopy(concern)
    at = out
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return out
