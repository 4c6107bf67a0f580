"""The expected outcome of three nights of the demo, written by hand from the site and the rules of the crawl.

    EXPECTED[night number][source id][(purpose, state, reason)] == URLs

The site (hemeroteca/demo). A paper prints N stories a day (12, 13, 14). Of an earlier day N-1 are left, because one is
gone from the night after on, and N-2 the night after, when another is away for that night. RSS and news sitemap
announce tonight's N and N-2 of the day before, Atom tonight's again with a fragment, the archive sitemap N-1 of each of
the days 2 to 6 before. The front page links two redirects, a 404, a 410, a 500, the forbidden page and, in the English
paper, the agency's story. The features page lists three.

The rules. Known and due (1, then 2 nights after the last look; in the English paper 1, then 1): looked at, announced or
not. Known and not due: a row only when announced. Not known: fetched, unless dated more than 3 days before the night. A
failed page that was never held is not known. The first 304 of a night to an article, and to a section, is asked for
again in full, and ends as unchanged. The day numbers below count from the first night (day 0).
"""

from __future__ import annotations

Counts = dict[tuple[str, str, str | None], int]

_NIGHT_1_DISCOVERY: Counts = {
    ("robots", "captured", None): 1,
    ("feed", "captured", None): 2,  # RSS, Atom
    ("sitemap", "captured", None): 3,  # index, news, archive
    ("section", "captured", None): 3,  # front page, one section, features
}
_LATER_DISCOVERY: Counts = {
    ("robots", "unchanged", None): 1,  # the same bytes, no validators
    ("feed", "captured", None): 2,  # every night has its own
    ("sitemap", "captured", None): 3,  # the index names the night as lastmod
    ("section", "captured", None): 2,  # front page, one section
    ("section", "unchanged", None): 1,  # features: ETag and Last-Modified, the same list for ever; 304, then in full
}
_EVERY_NIGHT: Counts = {
    ("tdmrep", "captured", None): 1,  # a 404: it reserves nothing
    ("article", "failed", "http_500"): 1,  # the map on the front page; three tries, one row
    ("article", "refused", "robots"): 1,  # the members' page, in the RSS feed and on the front page
    ("article", "refused", "scope"): 1,  # the other house's address in the RSS feed
}

NIGHT_1: dict[str, Counts] = {
    "demo-faro": _NIGHT_1_DISCOVERY
    | _EVERY_NIGHT
    | {
        # 12 of day 0, 10 of day -1, 11 each of days -2, -3: 44; 3 features; 301, 301, its end, 302, its end: 5
        ("article", "captured", None): 52,
        ("article", "failed", "http_404"): 1,  # front page
        ("article", "failed", "http_410"): 1,  # front page
        ("article", "refused", "too_old"): 33,  # 11 each of days -4, -5, -6
    },
    "demo-courier": _NIGHT_1_DISCOVERY
    | _EVERY_NIGHT
    | {
        # 13, 11 and 2 x 12: 48; 3 features; 5 of the redirects; the agency's story
        ("article", "captured", None): 57,
        ("article", "failed", "http_404"): 1,
        ("article", "failed", "http_410"): 1,
        ("article", "refused", "too_old"): 36,  # 3 x 12
    },
    "demo-anzeiger": _NIGHT_1_DISCOVERY
    | _EVERY_NIGHT
    | {
        # 14, 12 and 2 x 13: 52; 3 features; 5 of the redirects
        ("article", "captured", None): 60,
        ("article", "failed", "http_404"): 1,
        ("article", "failed", "http_410"): 1,
        ("article", "refused", "too_old"): 39,  # 3 x 13
    },
}

NIGHT_2: dict[str, Counts] = {
    "demo-faro": _LATER_DISCOVERY
    | _EVERY_NIGHT
    | {
        # 12 new of day 1; day 0's amended and reverted stories; day -1's reverted one, which says again what it first
        # said, and restored one, away last night; 301, 301, 302, which are never revisits: 3
        ("article", "captured", None): 19,
        # day 0: 12 less amended, gone, away, reverted, etag, dated: 6; day -1: 10 less reverted, etag, dated: 7;
        # days -2, -3: 11 less etag, dated: 18; 3 features; what the two redirects end at: 2; the 304
        ("article", "unchanged", None): 37,
        ("article", "not_modified", None): 7,  # etag and dated of the days 0, -1, -2, -3, less the first
        ("article", "failed", "http_404"): 1,  # front page
        ("article", "failed", "http_410"): 3,  # front page; day 0's story that is gone, and the one that is away
        ("article", "refused", "too_old"): 22,  # days -4, -5; day -3 is as old, but known and due
    },
    "demo-courier": _LATER_DISCOVERY
    | _EVERY_NIGHT
    | {
        # 13 new; amended, reverted; day -1's reverted and restored; 3 redirects; the agency's story, whose header
        # prints the night
        ("article", "captured", None): 21,
        # day 0: 13 - 6 = 7; day -1: 11 - 3 = 8; 2 x (12 - 2) = 20; 3 features; 2 ends of redirects; the 304
        ("article", "unchanged", None): 41,
        ("article", "not_modified", None): 7,
        ("article", "failed", "http_404"): 3,  # front page; day 0's stories gone and away, a 404 in this paper
        ("article", "failed", "http_410"): 1,
        ("article", "refused", "too_old"): 24,  # 2 x 12
    },
    "demo-anzeiger": _LATER_DISCOVERY
    | _EVERY_NIGHT
    | {
        # 14 new; amended, reverted; day -1's reverted and restored; 3 redirects
        ("article", "captured", None): 21,
        # day 0: 14 - 6 = 8; day -1: 12 - 3 = 9; 2 x (13 - 2) = 22; 3 features; 2 ends of redirects; the 304
        ("article", "unchanged", None): 45,
        ("article", "not_modified", None): 7,
        ("article", "failed", "http_404"): 3,
        ("article", "failed", "http_410"): 1,
        ("article", "refused", "too_old"): 26,  # 2 x 13
    },
}

NIGHT_3: dict[str, Counts] = {
    "demo-faro": _LATER_DISCOVERY
    | _EVERY_NIGHT
    | {
        ("article", "captured", None): 14,  # 12 new of day 2; day 1's amended and reverted stories
        # day 1: 12 less amended, gone, away, reverted, etag, dated: 6; day -1's restored story; the 304
        ("article", "unchanged", None): 8,
        ("article", "not_modified", None): 1,  # day 1's etag or dated
        ("article", "failed", "http_404"): 1,  # front page
        ("article", "failed", "http_410"): 3,  # front page; day 1's stories gone and away
        ("article", "refused", "too_old"): 11,  # day -4
        # looked at twice, so due on night 4: 11 each of days 0, -2, -3 and 10 of day -1 in the archive sitemap; the 301
        # and the 302; the 3 features, which the features page lists when it is asked for again
        ("article", "skipped", "not_due"): 48,
    },
    "demo-courier": _LATER_DISCOVERY
    | _EVERY_NIGHT
    | {
        # 13 new; day 1's amended and reverted; 3 redirects; the agency's story
        ("article", "captured", None): 19,
        # all that is known is due. day 1: 13 - 6 = 7; day 0: 13 less gone, etag, dated: 10, among them the restored
        # story and the reverted one, which says what it said on night 1; days -1, -2, -3: 3 x (12 - 2) = 30;
        # 3 features; 2 ends of redirects; the 304
        ("article", "unchanged", None): 53,
        ("article", "not_modified", None): 9,  # etag and dated of the days 1, 0, -1, -2, -3, less the first
        ("article", "failed", "http_404"): 4,  # front page; day 1's stories gone and away; day 0's that is gone
        ("article", "failed", "http_410"): 1,
        ("article", "refused", "too_old"): 12,
    },
    "demo-anzeiger": _LATER_DISCOVERY
    | _EVERY_NIGHT
    | {
        ("article", "captured", None): 16,  # 14 new; day 1's amended and reverted
        ("article", "unchanged", None): 10,  # 14 - 6; day -1's restored; the 304
        ("article", "not_modified", None): 1,
        ("article", "failed", "http_404"): 3,
        ("article", "failed", "http_410"): 1,
        ("article", "refused", "too_old"): 13,
        ("article", "skipped", "not_due"): 56,  # 13 each of days 0, -2, -3, 12 of day -1; 301 and 302; 3 features
    },
}

EXPECTED: dict[int, dict[str, Counts]] = {1: NIGHT_1, 2: NIGHT_2, 3: NIGHT_3}
