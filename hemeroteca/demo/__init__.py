"""Three small newspapers of our own, served on loopback, with a ledger of every response.

The site is a pure function of (address, night): the newspaper of night D announces the stories of D and of the day
before, its sitemaps reach a week back, and any older story still answers at its address. Every day has, by its place
in the edition, a story that is amended in silence the night after, one that disappears, and so on (stories.TREATMENTS),
so three nights in a row show every change whatever the date of the first.
Stdlib only; imports nothing else of ours.
"""

from hemeroteca.demo.papers import PAPERS, Paper
from hemeroteca.demo.served_log import ServedResponse, read_served_log
from hemeroteca.demo.server import Newspapers

__all__ = ["PAPERS", "Newspapers", "Paper", "ServedResponse", "read_served_log"]
