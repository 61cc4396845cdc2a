"""Auditors: what else may be wrong with a workbook."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openxml_audit import FileFormat, OpenXmlValidator

from engines.files import PathLike
from engines.office import HAVE_LIBREOFFICE, run_to_end


@dataclass(frozen=True)
class Finding:
    """One remark of the spreadsheet auditor. `location` is like `Sheet!A1`; `severity` is Critical to Low."""

    severity: str
    rule: str
    location: str
    message: str


def audit_openxml(path: PathLike) -> list[str]:
    """What the Open XML schema and semantic checks object to; a file without remarks opens without repair."""
    validator = OpenXmlValidator(file_format=FileFormat.MICROSOFT_365, max_errors=0)
    result = validator.validate(str(path))
    return [f"{error.severity.value}: {error}" for error in result.errors]


def audit_spreadsheet(path: PathLike, recalculate: bool = HAVE_LIBREOFFICE, timeout: float = 300) -> list[Finding]:
    """The findings of spreadsheet-auditor (formula drift, hard-coded numbers, range faults, live errors...).

    Without recalculation by LibreOffice it judges totals by the cached values, so these must be right.
    """
    config = {
        "limits": {
            "max_reported_findings": 1_000_000,
            "max_formulas": 1_000_000,
            "timeout_seconds": int(timeout),
        },
        "recalc": {"enabled": recalculate, "timeout_seconds": int(timeout)},
    }
    with tempfile.TemporaryDirectory(prefix="audit-") as work:
        settings, report = Path(work, "config.json"), Path(work, "report.json")
        settings.write_text(json.dumps(config), "utf-8")
        command = [sys.executable, "-m", "spreadsheet_auditor", str(path), "--fail-on", "None", "--quiet"]
        log = run_to_end([*command, "--config", str(settings), "--json", str(report)], timeout)
        if not report.exists():
            raise RuntimeError(f"spreadsheet-auditor failed:\n{log}")
        return _findings(json.loads(report.read_text("utf-8")))


def _findings(report: Mapping[str, Any]) -> list[Finding]:
    coverage = report["coverage"]
    if not coverage["complete"] or coverage["recalculation"]["status"] == "failed":
        raise RuntimeError(f"spreadsheet-auditor did not check everything: {coverage}")
    return [
        Finding(e["severity"], e["rule_id"], e["location"], "; ".join([e["title"], *e["evidence"]]))
        for e in report["findings"]
    ]
