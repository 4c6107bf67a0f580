"""CDX: each parameter of both dialects, on an index whose rows are known."""

from __future__ import annotations

import pytest

from tests.web.conftest import ARTICLE, Clients

ONE = ["20260301020000", "20260302020000", "20260303020000", "20260304020000"]
"""When the article was captured: new, unchanged, edited, not modified."""


def stamps(clients: Clients, query: str, path: str = "/cdx/search/cdx") -> list[str]:
    answer = clients.reading.get(f"{path}?fl=timestamp&output=text&{query}")
    assert answer.status_code == 200, answer.text
    return str(answer.text).split()


def rows(clients: Clients, query: str) -> list[list[str]]:
    answer = clients.reading.get(f"/cdx/search/cdx?{query}")
    assert answer.status_code == 200, answer.text
    return [line.split() for line in answer.text.splitlines()]


def test_a_row_has_the_fields_of_wayback_in_their_order(indexed: Clients) -> None:
    first, second, *_ = rows(indexed, f"url={ARTICLE}")
    assert first == ["test,faro)/news/one.html", ONE[0], ARTICLE, "text/html", "200", "AAAA", "900"]
    assert second[3:6] == ["warc/revisit", "-", "AAAA"]


def test_a_row_has_the_fields_of_pywb_in_their_order(indexed: Clients) -> None:
    answer = indexed.reading.get("/cdx", params={"url": ARTICLE, "limit": 1})
    assert answer.headers["content-type"].startswith("text/x-cdxj")
    assert answer.text == (
        f'test,faro)/news/one.html {ONE[0]} {{"url": "{ARTICLE}", "mime": "text/html", "status": "200", '
        '"digest": "AAAA", "redirect": "-", "robotflags": "-", "length": "900", "offset": "0", '
        '"filename": "mine/warc/demo-faro-20260301-nightly-first.warc.gz"}\n'
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("url=faro.test/news/one.html", ONE),
        ("url=https://www.faro.test:443/news/one.html", ONE),
        ("url=https%3A//faro.test/news/one.html", ONE),
        (f"url={ARTICLE}&from=20260302&to=20260303", ONE[1:3]),
        (f"url={ARTICLE}&from=2027", []),
        (f"url={ARTICLE}&to=202603", ONE),
        (f"url={ARTICLE}&limit=2", ONE[:2]),
        (f"url={ARTICLE}&limit=0", []),
        (f"url={ARTICLE}&limit=-2", ONE[2:]),
        (f"url={ARTICLE}&limit=-1&sort=reverse", ONE[:1]),
        (f"url={ARTICLE}&offset=1&limit=2", ONE[1:3]),
        (f"url={ARTICLE}&sort=reverse", ONE[::-1]),
        (f"url={ARTICLE}&sort=reverse&limit=1", ONE[-1:]),
        (f"url={ARTICLE}&sort=closest&closest=20260303", [ONE[2], ONE[1], ONE[3], ONE[0]]),
        (f"url={ARTICLE}&collapse=digest", [ONE[0], ONE[2], ONE[3]]),
        (f"url={ARTICLE}&collapse=timestamp:6", ONE[:1]),
        (f"url={ARTICLE}&collapse=digest&limit=-1", ONE[3:]),
        ("url=faro.test/news/*", [*ONE, "20260301020002"]),
        ("url=faro.test/news/&matchType=prefix", [*ONE, "20260301020002"]),
        ("url=faro.test&matchType=host", ["20260301020001", "20260302020001", *ONE, "20260301020002"]),
        ("url=*.faro.test", ["20260301020001", "20260302020001", *ONE, "20260301020002", "20260301020003"]),
        ("url=faro.test&matchType=domain&limit=-1", ["20260301020003"]),
        ("url=*.faro.test&sort=reverse&limit=2", ["20260301020003", "20260301020002"]),
        ("url=nobody.test", []),
    ],
)
def test_both_dialects_find_the_same_captures(indexed: Clients, query: str, expected: list[str]) -> None:
    assert stamps(indexed, query) == expected
    if expected and "limit=0" not in query:
        assert stamps(indexed, query, "/cdx") == expected


@pytest.mark.parametrize(
    ("path", "filters", "expected"),
    [
        ("/cdx/search/cdx", "filter=statuscode:200", [ONE[0], ONE[2]]),
        ("/cdx/search/cdx", "filter=!statuscode:200", [ONE[1], ONE[3]]),
        ("/cdx/search/cdx", "filter=mimetype:text/.*&filter=digest:C%2B", [ONE[2]]),
        ("/cdx/search/cdx", "filter=mimetype:text", []),
        ("/cdx", "filter=mime:text", [ONE[0], ONE[2]]),
        ("/cdx", "filter==mime:text", []),
        ("/cdx", "filter=~mime:te.t", [ONE[0], ONE[2]]),
        ("/cdx", "filter=!~status:2..", [ONE[1], ONE[3]]),
        ("/cdx", "filter=!=status:-", [ONE[0], ONE[2]]),
        ("/cdx", "filter=filename:0303", [ONE[2]]),
    ],
)
def test_filters_are_read_as_each_dialect_writes_them(
    indexed: Clients, path: str, filters: str, expected: list[str]
) -> None:
    assert stamps(indexed, f"url={ARTICLE}&{filters}", path) == expected


def test_revisits_are_resolved_where_that_is_asked_for(indexed: Clients) -> None:
    fields = "timestamp,mimetype,statuscode,orig.length,orig.offset,orig.filename"
    found = rows(indexed, f"url={ARTICLE}&resolveRevisits=true&fl={fields}&limit=2")
    place = ["900", "0", "mine/warc/demo-faro-20260301-nightly-first.warc.gz"]
    assert found == [[ONE[0], "text/html", "200", "-", "-", "-"], [ONE[1], "text/html", "200", *place]]


def test_an_answer_goes_on_after_its_resume_key_and_ends(indexed: Clients) -> None:
    got: list[str] = []
    key = ""
    for _ in range(9):
        answer = indexed.reading.get(
            f"/cdx/search/cdx?url=*.faro.test&fl=timestamp,original&limit=3&showResumeKey=true{key}"
        )
        page, _, resume = answer.text.partition("\n\n")
        got += [line for line in page.splitlines() if line]
        if not resume:
            break
        key = f"&resumeKey={resume.strip()}"
    assert len(got) == len(set(got)) == 8


def test_json_has_a_header_and_a_resume_key_of_its_own_row(indexed: Clients) -> None:
    answer = indexed.reading.get(f"/cdx/search/cdx?url={ARTICLE}&output=json&limit=1&showResumeKey=true").json()
    assert answer[0] == ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
    assert answer[2] == []
    assert len(answer[3]) == 1


def test_pages_come_to_an_end_as_each_dialect_says_it(indexed: Clients) -> None:
    wayback, pywb = (f"{path}?url=*.faro.test&output=json" for path in ("/cdx/search/cdx", "/cdx"))
    assert indexed.reading.get(f"{wayback}&showNumPages=true").text == "1\n"
    assert indexed.reading.get(f"{pywb}&showNumPages=true").json()["pages"] == 1
    assert len(indexed.reading.get(f"{wayback}&page=0").json()) == 9
    assert (indexed.reading.get(f"{wayback}&page=1").status_code, indexed.reading.get(f"{wayback}&page=1").text) == (
        200,
        "",
    )
    assert indexed.reading.get(f"{pywb}&page=1").status_code == 400


def test_nothing_found_is_empty_for_wayback_and_404_for_pywb(indexed: Clients) -> None:
    assert indexed.reading.get("/cdx/search/cdx?url=nobody.test").text == ""
    assert indexed.reading.get("/cdx/search/cdx?url=nobody.test&output=json").json() == []
    missing = indexed.reading.get("/cdx?url=nobody.test")
    assert (missing.status_code, missing.json()) == (404, {"message": "No Captures found for: nobody.test"})
    assert indexed.reading.get(f"/cdx?url={ARTICLE}&filter=mime:pdf").status_code == 200


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "url: is needed"),
        ("url=a.test&output=foo", "output=foo not supported"),
        ("url=a.test&matchType=foo", "Invalid match_type: foo"),
        ("url=a.test&limit=many", "limit: many"),
        ("url=a.test&from=yesterday", "time: yesterday"),
        ("url=a.test&from=20261399", "time: 20261399: no such time"),
        ("url=a.test&filter=statuscode", "filter: statuscode"),
        ("url=a.test&filter=~color:red", "color: no field"),
        ("url=a.test&filter=~status:(", "filter: ("),
        ("url=a.test&sort=random", "sort: random"),
        ("url=a.test&sort=closest", "closest: is needed"),
        ("url=a.test&page=-1", "page: -1"),
        ("url=faro.test&resumeKey=é", "resumeKey"),
        ("url=faro.test&resumeKey=AAAA", "after"),
    ],
)
def test_a_wrong_parameter_is_named(indexed: Clients, query: str, message: str) -> None:
    answer = indexed.reading.get(f"/cdx?{query}")
    assert answer.status_code == 400
    assert message in answer.json()["message"]


def test_a_filter_that_would_take_for_ever_elsewhere_does_not_here(indexed: Clients) -> None:
    answer = indexed.reading.get("/cdx", params={"url": "*.faro.test", "filter": "~url:(a|aa|[a-z.:/]*)+$x"})
    assert (answer.status_code, answer.text) == (200, "")
