"""An agency story that we wrote, with the faults of a scraped machine translation.

A header with the day of the request's night, a caption that is there twice with a credit, a bullet to another story,
"Also Read" within the text, translation residue in brackets, a trust label, a reply form, and no date in the markup.
"""

from __future__ import annotations

from datetime import date

from hemeroteca.demo.papers import Paper

SLUG = "minister-rules-out-meeting-with-the-river-pilots"
HEADLINE = "Ada Halloran rules out a meeting with the river pilots while the port readies a second toll"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{headline} - {title}</title>
</head>
<body>
<div id="top"><div class="today">{today}</div></div>
<div id="content">
<h1>{headline}</h1>
<h2>The port authority toughens the tariff of the estuary and withdraws the licence to 14 pilots of the east bank</h2>
<div class="photo"><img src="/img/agency.png" alt="The minister of Inland Waters, Ada Halloran.">
<div>The minister of Inland Waters, Ada Halloran.</div>
<div>The minister of Inland Waters, Ada Halloran.MERIDIAN</div></div>
<ul><li>Ports <a href="/">The council of the estuary approves the dredging against the vote of the pilots</a></li></ul>
<p>Ada Halloran has no hurry to sit down with the pilots of the river. Not, in any case, as long as they keep \
“striking by the back door”. Her ministry considers that a meeting before the summer is not viable and that its \
attendance at the assembly of the guild remains to be seen.</p>
<p>The port has been weeks elaborating a second toll for the ships that go up the estuary, with which it wants to \
compensate what it lost in the blockade of the autumn. At the same time it looks for a way of not breaking with the \
guild. This morning it took the licence from 14 pilots of the east bank and forbade the tugs to hire them until \
September.</p>
<p>Minister and guild spoke by telephone a week ago, on the initiative of the first. She offered then “a calm \
channel for calm waters” and left in the air an appointment in some neutral port of the coast to treat “everything \
that separates us”.</p>
<p>The guild answered in a note that each licence withdrawn will have its day of slow sailing and that the toll moves \
the appointment away. .</p>
<p>Also Read  <a href="/">Seven lighthouses where you can spend the night (and one where you should not)</a></p>
<p>“Whether it stops us or not [la nueva tasa] is a thing that she will have to weigh [Halloran]. The offer is on \
the table and it is the minister who has the pen, “the spokesman of the guild, Tobias Wren, maintained about the last \
proposal.</p>
<p>The pilots do not accept that the talks be “a rope that pulls from one end only”.he remarked in words that the \
Meridian Agency picked up. “A date cannot be improvised, we continue looking at calendars,” he settled when he was \
insisted on the appointment.</p>
<p>The guild denies having ordered the blockade of the autumn, in which 31 freighters waited nine days at the mouth of \
the estuary. software of the port that assigns the turns failed that same week, and neither party has explained it.</p>
<p>According to the Harbour Gazette, the toll will be of 90 crowns per metre of length. The small owners would pay \
half. “It is not a fine, it is a ticket”said Halloran in spring, when the idea was still a rumour of the quays.</p>
<p>Also Read  <a href="/">the ferry timetable of the holiday, with stops and prices</a></p>
<p>The villages of the east bank look at the dispute with worry, because of it depend the coal and the mail of the \
winter. On Sunday two patrol boats were seen in front of the bar; on Monday the ministry had already recalled them.</p>
<p>For Wren the air remains heavy at the mouth of the river, and it would be early to call it a truce although the \
patrol boats have returned to their base.</p>
<div class="label"><p>Prepared under the rules of</p><p>The Plain Dealing Charter</p><p>Find out more</p></div>
</div>
<div id="respond"><h3>Leave a Reply</h3><form method="post" action="/reply">
<p>Your email address will not be published.</p><textarea name="comment"></textarea><input type="submit"></form></div>
</body>
</html>
"""


def find_path(paper: Paper) -> str | None:
    """Return the path of the story in *paper*; only the English paper has it."""
    return paper.feature_path(SLUG) if paper.language == "en" else None


def render_agency_page(paper: Paper, night: date) -> str:
    """Return the page as it is on *night*: the day in its header is that of the night, not of the article."""
    today = f"{DAYS[night.weekday()]}, {paper.months[night.month - 1]} {night.day}"
    return _PAGE.format(headline=HEADLINE, title=paper.title, today=today)
