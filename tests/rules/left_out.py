"""Rows of the rule table that are no rule of a pack, each with the reason."""

from __future__ import annotations

OTHER_PLACE = "a rule of a place without a pack"
NO_ESTATE = "about a city, a village or a year, not about an estate or a community on a map"
NO_LAYER = "no layer of a site shows it and no permit or hearing asks for it"
IN_NOTE = "a consequence or an effect, told in the note of the rule it belongs to"
CARRIED = "told with another rule of the same clause"
LOW = "a figure from a page of low quality or a private scheme"

LEFT_OUT: dict[str, str] = {
    # Sanming
    "SM-07": NO_LAYER,  # ratio of pay
    "SM-08": NO_LAYER,  # yearly appraisal of work
    "SM-10": NO_ESTATE,  # a plan of three years
    "SM-11": NO_LAYER,  # what a renovation may contain
    "SM-17": NO_LAYER,  # clearing of abandoned cars
    "SM-18": NO_LAYER,  # parking fees
    "SM-20": IN_NOTE,  # SM-19
    "SM-22": IN_NOTE,  # SM-19
    "SM-23": NO_LAYER,  # where the money comes from
    "SM-25": NO_ESTATE,  # a pool of experts
    "SM-35": NO_LAYER,  # grid management
    "SM-36": NO_LAYER,  # who manages
    # Panzhihua
    "PZH-03": NO_ESTATE,  # rural communities
    "PZH-07": NO_LAYER,  # information platform
    "PZH-09": NO_LAYER,  # volunteers
    "PZH-14": IN_NOTE,  # PZH-13
    "PZH-23": NO_LAYER,  # homes for children: no category of facility
    "PZH-25": NO_LAYER,  # law column
    "PZH-27": NO_LAYER,  # volunteers
    # Qinhuangdao
    "QHD-12": IN_NOTE,  # QHD-07, QHD-09
    "QHD-18": NO_LAYER,  # volunteers
    "QHD-19": NO_ESTATE,
    "QHD-20": NO_ESTATE,
    "QHD-23": NO_ESTATE,
    # Huainan
    "HN-04": NO_LAYER,  # what the drawing of grids considers
    "HN-07": NO_LAYER,  # emergency plan
    "HN-08": NO_LAYER,  # owners' committee
    # Jinan
    "JN-06": NO_ESTATE,
    "JN-07": NO_ESTATE,
    "JN-08": NO_LAYER,  # share of money spent on social organisations
    "JN-09": NO_ESTATE,  # a state of things, not a rule
    # national and others
    "TD-DATE": "the date from which the document is in force, kept with the document",
    "WS-PLAN": CARRIED,  # WS-IMPLIED
    "HB-STATION": OTHER_PLACE,
    **{f"QD-{n}": OTHER_PLACE for n in range(1, 10)},
    **{f"PK-QD-{size}": OTHER_PLACE for size in ("<=90", "90-120", "120-160", "160-200", ">200")},
    "EL-VOTE-LOCAL": OTHER_PLACE,
    "EL-FLOORS-HZ": OTHER_PLACE,
    "EL-FLOORS-BZ": OTHER_PLACE,
    "EL-FLOORS-HF": OTHER_PLACE,
    "EL-NOTDEMO-HF": OTHER_PLACE,
    "EL-SITE-HZ": OTHER_PLACE,
    "EL-PRIV-HZ": OTHER_PLACE,
    "EL-SUB-SH": OTHER_PLACE,
    "EL-SUB-HZ": OTHER_PLACE,
    "EL-SUB-WF": OTHER_PLACE,
    "EL-SUB-ZZ": OTHER_PLACE,
    "EL-SUB-HGZ": OTHER_PLACE,
    "EA-HB": OTHER_PLACE,
    "EA-YC": OTHER_PLACE,
    "EC-TUO": OTHER_PLACE,
    "EL-COST": LOW,
    "EL-SHARE-ZJT": LOW,
}

# Rows that one rule carries together with others: row -> rule.
CARRIED_BY: dict[str, str] = {
    "QHD-08": "QHD-07",
    "HN-01": "HN-03",
    "HN-02": "HN-03",
    "LC-15-POP": "LC-15",
    "LC-15-HH": "LC-15",
    "LC-15-DIST": "LC-15",
    "LC-10-POP": "LC-10",
    "LC-10-HH": "LC-10",
    "LC-10-DIST": "LC-10",
    "LC-05-POP": "LC-05",
    "LC-05-DIST": "LC-05",
    **{
        f"PK-{row}-{part}": f"PK-{row}"
        for row in ("0B", "30", "45", "60F", "60B", "90F", "90B")
        for part in ("WC1", "WC2", "LT", "WD")
    },
    **{f"PK-FJ-{size}": "PK-FJ" for size in (">150", "90-150", "45-90", "<45")},
    "EL-VOTE-Q": "EL-VOTE-34",
    "EL-VOTE-MIN": "EL-VOTE-34",
    "EA-AH-NEW-MIN": "EA-AH-NEW",
    "EA-NAT": "EA-NAT-NEW",
}
