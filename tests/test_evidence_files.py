"""Files of measurements as other teams write them: each is read right, or refused with what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import refused, run

from xl_econ.calibration.evidence import evidence
from xl_econ.calibration.measured import COLUMNS

HEAD = ",".join(COLUMNS)
ROW = "vLLM 0.9,Llama-3.1-8B-Instruct,H100,1,1,1024,128,16,itl_ms,8.5,A,ours"
FORMAT = HEAD + ",weight_dtype"
FULL = ROW + ",bf16"
QUOTED = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in (FORMAT, FULL))
BACKWARDS = "\n".join(",".join(reversed(line.split(","))) for line in (FORMAT, FULL))
TITLED = "Engine,Model,GPU,Num GPUs,TP,ISL,OSL,Concurrency or batch,Metric,Value,Quality,Group,Weight dtype"
CAPITALS = FORMAT.upper() + "\n" + FULL.replace("itl_ms", "ITL_MS").replace(",A,", ",a,")

READ: dict[str, str | bytes] = {
    "plain": f"{FORMAT}\n{FULL}\n",
    "no line break at the end": f"{FORMAT}\n{FULL}",
    "Windows' line breaks": f"{FORMAT}\r\n{FULL}\r\n",
    "old line breaks": f"{FORMAT}\r{FULL}\r",
    "a byte order mark": f"\ufeff{FORMAT}\n{FULL}\n".encode(),
    "semicolons": f"{FORMAT}\n{FULL}\n".replace(",", ";"),
    "semicolons, as a spreadsheet says": f"sep=;\r\n{FORMAT}\r\n{FULL}\r\n".replace(",", ";"),
    "tabs": f"{FORMAT}\n{FULL}\n".replace(",", "\t"),
    "bars": f"{FORMAT}\n{FULL}\n".replace(",", "|"),
    "a head in capitals": CAPITALS,
    "a head in words": f"{TITLED}\n{FULL}\n",
    "another order": BACKWARDS,
    "all cells in quotation marks": QUOTED,
    "spaces around cells": f"{FORMAT}\n{FULL}\n".replace(",", " , "),
    "a space before a quotation mark": f'{FORMAT},notes\n{FULL}, "a, b"\n',
    "blank lines": f"\n\n{FORMAT}\n\n{FULL}\n\n,,,,\n",
    "remarks above": f"# exported on Monday\n# by us\n{FORMAT}\n{FULL}\n",
    "more columns": f"id,{FORMAT},source_url,p99,,\n7,{FULL},https://example.org,12.5,,\n",
    "empty cells behind": f"{FORMAT}\n{FULL},,,,\n",
    "fewer cells at the end": f"{FORMAT},notes,date,arch\n{FULL}\n",
    "a cell of several lines": f'{FORMAT},notes\n{FULL},"one\ntwo, three\n""four"""\n',
    "an index in front": f",{FORMAT}\n0,{FULL}\n",
    "numbers with a point": f"{FORMAT}\n{FULL}\n".replace(",1,1,1024,128,16,", ",1.0,1.0,1.024e3,128.0,16.0,"),
    "words for nothing": f"{FORMAT},kv_dtype,pp,dp,date,arch\n{FULL},N/A,-,none,unknown,null\n",
    "ranks of experts in words": f"{FORMAT},ep\n{FULL},true\n",
    "letters of other languages": f"{FORMAT},notes\n{FULL},Größe – 测试 😀\n",
}


@pytest.mark.parametrize("case", READ)
def test_a_file_is_read_however_it_was_written(case: str, tmp_path: Path) -> None:
    """The same measurement in each, so the same error."""
    path, plain, content = tmp_path / "file.csv", tmp_path / "plain.csv", READ[case]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    plain.write_text(str(READ["plain"]), encoding="utf-8")
    told = json.loads(run("evidence", path, "--json").stdout)
    assert told == json.loads(run("evidence", plain, "--json").stdout) and told["metrics"]["itl"]["n"] == 1


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "a quotation mark that is not closed": (
        f'{FORMAT},notes\n{FULL},fine\n{FULL},"not closed\n{FULL},fine\n',
        "line 3: a quotation mark is not closed",
    ),
    "a quotation mark that another row closes": (
        f'{FORMAT},notes\n\n{FULL},"not closed\n{FULL},"fine"\n',
        "line 3: a quotation mark is not closed, or stands inside a cell",
    ),
    "a comma in a cell": (f"{FORMAT}\n{FULL.replace('H100', 'H100, SXM')}\n", "line 2: it has 14 cells, but the head"),
    "underscores in numbers": (f"{FORMAT}\n{FULL.replace('1024', '1_024')}\n", "line 2, isl: '1_024' is no number"),
    "separators in numbers": (
        f"{FORMAT}\n{FULL}\n".replace("1024", '"1,024"'),
        "isl: '1,024' is no number. Write it without separators",
    ),
    "a decimal comma": (f"{FORMAT}\n{FULL}\n".replace(",", ";").replace("8.5", "8,5"), "decimals with a point"),
    "a unit in a number": (f"{FORMAT}\n{FULL.replace('8.5', '8.5 ms')}\n", "value: '8.5 ms' is no number"),
    "digits of other languages": (f"{FORMAT}\n{FULL.replace('1024', '１０２４')}\n", "is no number"),
    "several lines": (
        f"{FORMAT}\n{FULL.replace('8.5', 'x')}\n{FULL}\n{FULL.replace('16', '-1')}\n",
        "line 4, concurrency_or_batch: '-1'",
    ),
    "text of another encoding": (f"{FORMAT},notes\n{FULL},Größe\n".encode("latin-1"), "no text in UTF-8"),
    "text of two bytes each": (f"{FORMAT}\n{FULL}\n".encode("utf-16"), "no text in UTF-8"),
    "a missing column": (f"{FORMAT}\n{FULL}\n".replace("quality", "grade"), "it has no column quality"),
    "no head": (f"{FULL}\n", "it has no column engine, model"),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xff\xfe", "no text in UTF-8"),
    "a page": ("<!DOCTYPE html>\n<html><body>Not found</body></html>\n", "it has no column engine"),
    "JSON": ('[{"engine": "vLLM", "model": "Llama"}]\n', "it has no column"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(case: str, tmp_path: Path) -> None:
    path, (content, told) = tmp_path / "file.csv", REFUSED[case]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refused(run("evidence", path))
    assert told in message and "file.csv" in message


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f"{FORMAT}\n{FULL.replace('8.5', 'x')}\n{FULL},too,many\n{FULL.replace('128', '1_2')}\n", "utf-8")
    assert len(refused(run("evidence", path)).splitlines()) == 3


def test_a_row_is_named_by_the_line_where_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f'# remark\n{FORMAT},notes\n{FULL},"one\ntwo"\n\n{FULL},one\n', "utf-8")
    assert [point.row.line for point in evidence(path).points] == [3, 6]


def test_what_a_file_says_cannot_steer_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    odd = "\x1b[31mred\x07"
    path.write_text(f"{FORMAT}\n{FULL.replace('H100', odd)}\n{FULL.replace('ours', odd)}\n", "utf-8")
    printed = run("evidence", path).stdout
    assert "\x1b" not in printed and "\x07" not in printed and "red" in printed
