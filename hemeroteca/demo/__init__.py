"""The demo: three small newspapers that we wrote, served on loopback, with a log of every response.

The site is a pure function of (address, night). On night D a newspaper announces the stories of D and of the day
before, its sitemaps reach a week back, and older stories are still served at their addresses. Every day has a story
that is changed the night after, one that disappears, and so on (``stories.TREATMENTS``), so three nights in a row show
every kind of change, whatever the first date. Only the standard library; none of our other modules is imported.
"""

from hemeroteca.demo.papers import PAPERS, Paper
from hemeroteca.demo.served_log import ServedResponse, read_served_log
from hemeroteca.demo.server import Newspapers

__all__ = ["PAPERS", "Newspapers", "Paper", "ServedResponse", "read_served_log"]
