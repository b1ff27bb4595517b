"""Whether a SARIF log is one: by the official schema, and by what code scanning asks beyond it.

``python tests/sarif_schema.py FILE`` checks a file.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parent / "data" / "sarif-2.1.0.schema.json"


def validated(text: str) -> dict[str, Any]:
    """The log in ``text``. Raises if the schema or code scanning would refuse it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jsonschema
    log = json.loads(text)
    jsonschema.Draft4Validator(json.loads(SCHEMA.read_text())).validate(log)
    for run in log["runs"]:
        for rule in run["tool"]["driver"]["rules"]:
            assert len(rule["name"]) <= 255
            assert max(len(rule[key]["text"]) for key in ("shortDescription", "fullDescription")) <= 1024
            assert len(rule["properties"]["tags"]) <= 20
            assert 0 <= float(rule["properties"]["security-severity"]) <= 10
        for result in run["results"]:
            assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            for place in (*result["locations"], *result.get("relatedLocations", ())):
                assert place["physicalLocation"]["artifactLocation"]["uri"]
                assert min(place["physicalLocation"]["region"][key] for key in ("startLine", "startColumn")) >= 1
            assert len(result["locations"]) == 1
            assert result["message"]["text"]
            assert result["partialFingerprints"]
    return log


if __name__ == "__main__":
    found = validated(Path(sys.argv[1]).read_text())
    results = [result for run in found["runs"] for result in run["results"]]
    waived = sum("suppressions" in result for result in results)
    print(f"{sys.argv[1]}: valid SARIF {found['version']}, {len(results)} results, {waived} of them waived")
