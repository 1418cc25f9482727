"""The file that the ranking is written to."""

from __future__ import annotations

import json

import jsonschema

from autograder.similar.model import SCHEMA_VERSION, Similar, SimilarCell, SimilarPair, schema, to_json


def test_a_ranking_is_json_with_every_field_and_a_line_end():
    pairs = [
        SimilarPair(a=a, b=b, score=score, cells=[SimilarCell(grade_id="日本", score=0.0)], shared_mistakes=wrong)
        for a, b, score, wrong in (("Zoë", "Ada", 0.25, ["f: sum"]), ("S2", "S1", 0.0, []))
    ]
    written = to_json(Similar(assignment="ps1", students=3, pairs=pairs))
    cells = [{"grade_id": "日本", "score": 0.0}]
    found = json.loads(written)
    assert found == {
        "assignment": "ps1",
        "students": 3,
        "pairs": [
            {"a": "Zoë", "b": "Ada", "score": 0.25, "cells": cells, "shared_mistakes": ["f: sum"]},
            {"a": "S2", "b": "S1", "score": 0.0, "cells": cells, "shared_mistakes": []},
        ],
    }
    jsonschema.validate(found, schema())
    assert written.endswith(b"}\n")
    assert written.count(b"\n") > 20, "a person reads it, too"
    assert json.loads(to_json(Similar(assignment="", students=0, pairs=[])))["pairs"] == []


def test_the_schema_says_its_version_and_demands_every_field():
    assert str(SCHEMA_VERSION) in json.dumps(schema())
    for wrong in ({}, {"assignment": "a", "students": 1}, {"assignment": "a", "students": "1", "pairs": []}):
        assert not jsonschema.Draft202012Validator(schema()).is_valid(wrong)
