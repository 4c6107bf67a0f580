"""What the rules keep and drop, on small pages of the kinds that they were made for."""

from __future__ import annotations

import pytest

from hemeroteca.extraction.article import extract_page
from tests.extraction.pages import page

STORY = (
    "The harbour crane at the north quay lifted its first container on Monday since the winter of the great flood.",
    "Port workers had greased its wheels for a month, and the mayor brought bread and sausages for everyone who came.",
    "Three ships a week are expected from spring on, most of them with paper for the printing works up the river.",
    "Fishermen asked for a deeper berth beside it. The board said that the ground there was too soft for more piles.",
    "Several residents complained of lorries in Mill Lane. A plan for them will be shown in the library in March.",
)
OTHERS = (
    (
        "Bakers strike over the price of flour",
        "Ovens stayed cold in seven towns as the guild asked the millers for talks.",
    ),
    (
        "A goat wins the village mayoralty",
        "The animal took three quarters of the votes in a poll held for a playground.",
    ),
    (
        "Ferry timetable changes in June",
        "The first crossing leaves at six, and the last one waits for the evening train.",
    ),
    ("Museum finds a lost map", "It lay behind a cupboard for a century and shows a street that nobody remembers."),
)
PICTURE = '<img src="/i/a.jpg" alt="A view of the bay" width="800" height="500">'


def read(
    body: str, below: str = "", title: str = "Crane lifts again", path: str = "news/crane", lang: str = "en"
) -> str:
    """Return the text of an article with *body*, on a page of a usual newspaper with *below* under it."""
    html = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | The Post</title>'
        f'<meta property="og:title" content="{title}"><meta property="og:type" content="article"></head><body>'
        '<header><a href="/">The Post</a><nav><ul><li><a href="/news">News</a></li><li><a href="/sport">Sport</a></li>'
        f'</ul></nav></header><main><article class="article"><h1>{title}</h1><p class="byline">By Agnes Orme</p>'
        f'<time datetime="2024-05-07T09:30:00+01:00">7 May 2024</time><div class="article-body">{body}</div></article>'
        f'{below}</main><footer class="site-footer"><p><a href="/about">About us</a> <a href="/privacy">Privacy</a></p>'
        "<p>© 2024 The Post. All rights reserved.</p></footer></body></html>"
    )
    return extract_page(page(html, url=f"https://post.test/{path}")).text


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def teasers(tag: str = "li", heading: str = "h3") -> str:
    return "".join(
        f'<{tag} class="teaser"><a href="/s/{n}"><{heading}>{title}</{heading}></a>'
        f'<time datetime="2024-05-0{n + 1}T08:00:00Z">{n + 1} May</time><p>{text}</p></{tag}>'
        for n, (title, text) in enumerate(OTHERS)
    )


def among(inserted: str) -> str:
    """Return the paragraphs of the story with *inserted* among them."""
    return paragraphs(*STORY[:2]) + inserted + paragraphs(*STORY[2:])


READ_ALSO = "".join(f'<li><a href="/s/{n}">{title}</a></li>' for n, (title, _) in enumerate(OTHERS))
TWEET = (
    '<blockquote class="twitter-tweet"><p lang="en">The lamps are back. I am crying in a chip shop. '
    '<a href="https://t.test/x">pic.twitter.com/x</a></p>&mdash; Maud <a href="https://t.test/1">May 6</a></blockquote>'
)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (among(PICTURE + "<p>The survey found no mines, a spokeswoman told AFP.</p>"), "told AFP."),
        (among(PICTURE + "<p>«No hay minas en el puerto», dijo el alcalde a Reuters.</p>"), "alcalde a Reuters."),
        (among(PICTURE + "<p>The mayor wants the berth to be deepened ASAP.</p>"), "deepened ASAP."),
        (among(f'<figure><img src="/a.jpg" alt="{STORY[2]}"></figure>'), STORY[2]),
        (among(TWEET), "I am crying in a chip shop."),
        (among('<blockquote class="bluesky-embed"><p>The lamps are back at last.</p></blockquote>'), "back at last."),
        (
            paragraphs(*STORY)
            + "<footer><p>Correction: An earlier version of this article gave a cost of two millions."
            " It is four.</p></footer>",
            "Correction: An earlier version",
        ),
        (
            paragraphs(*STORY) + '<footer class="article-footer"><p>Korrektur: In einer früheren Version hieß es, die '
            "Kosten lägen bei zwei Millionen.</p></footer>",
            "Korrektur: In einer früheren Version",
        ),
        (
            paragraphs(*STORY) + "<footer><p>Fe de errores: en una versión anterior el coste era de dos millones.</p>"
            "</footer>",
            "Fe de errores: en una versión anterior",
        ),
    ],
)
def test_quotes_embedded_posts_and_corrections_are_text(body: str, kept: str) -> None:
    text = read(body)
    assert kept in text
    assert all(one in text for one in STORY)


@pytest.mark.parametrize(
    ("body", "left_out"),
    [
        (among(PICTURE + "<p>The crane above the quay on Monday. REUTERS/Ann Lee</p>"), "above the quay"),
        (among(PICTURE + "<p>The crane above the quay on Monday (AP Photo/Ann Lee)</p>"), "above the quay"),
        (among(PICTURE + "<p>Der Kran am Kai. Foto: dpa</p>"), "Der Kran"),
        (among('<center><img src="/a.jpg"><br>The crane above the quay in the fog</center>'), "above the quay"),
        (among('<figure><img src="/a.jpg"><figcaption><p>The crane in the fog.</p></figcaption></figure>'), "fog"),
        (among(f"<h3>Read also</h3><ul>{READ_ALSO}</ul>"), "Read also"),
        (among(f"<h3>Don’t miss</h3><ul>{READ_ALSO}</ul>"), "Bakers strike"),
        (among('<p>Lea también: <a href="/s/1">Los panaderos en huelga por la harina</a></p>'), "panaderos"),
        (among('<div class="key-figures"><div>412 tons a day</div><div>14 months of work</div></div>'), "tons a day"),
        (
            among(
                '<div class="box"><h4>Related stories</h4><p><a href="/s/1">Bakers strike over flour</a></p>'
                "<p>Ovens stayed cold in seven towns on Monday as the guild asked for talks.</p></div>"
            ),
            "Ovens stayed cold",
        ),
        (
            among(
                '<div class="glossary"><h4>Glossary</h4><p>Berth: the place where a ship lies at rest.</p>'
                "<p>Pile: a post that is driven into the ground to carry a load.</p></div>"
            ),
            "driven into the ground",
        ),
        (among('<div class="stats-widget"><h4>By the numbers</h4><p>412 tons a day</p><p>14 months</p></div>'), "412"),
        (among('<p><a href="/x">BAKERS STRIKE OVER THE PRICE OF FLOUR</a></p>'), "BAKERS"),
        (
            paragraphs(*STORY, "© 2024 The Post. All rights reserved. This may not be broadcast or redistributed."),
            "redistributed",
        ),
        (paragraphs(*STORY, "Copyright 2024 The Press Agency. All rights reserved."), "Copyright"),
        (paragraphs(*STORY) + '<p>By the rules of</p><p><a href="/t">The Press Council</a></p>', "By the rules of"),
    ],
)
def test_captions_boxes_and_closing_lines_are_not_text(body: str, left_out: str) -> None:
    text = read(body)
    assert left_out not in text
    assert all(one in text for one in STORY)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ('class="d-none d-md-block"', 'class="d-md-none"'),
        ('class="body-desktop"', 'class="body-mobile" style="display:none"'),
        ('class="desktop-only"', "hidden"),
        ('class="md:block"', 'class="md:hidden"'),
    ],
)
@pytest.mark.parametrize("count", [1, 2, len(STORY)])
def test_a_body_that_is_there_twice_is_given_once(wide: str, narrow: str, count: int) -> None:
    body = f"<h2>How it went on</h2>{paragraphs(*STORY[:count])}"
    text = read(f"<div {wide}>{body}</div><div {narrow}>{body}</div>")
    assert [text.count(one) for one in STORY[:count]] == [1] * count
    assert text.count("How it went on") <= 1


def test_an_interviews_question_may_be_asked_twice() -> None:
    question = "And what would you do on the quay tomorrow if you had all the money of the county and no board at all?"
    asked = paragraphs(STORY[0], f"{question}", STORY[1], STORY[2], f"{question}", STORY[3], STORY[4])
    assert read(asked).count(question) == 2


LISTED = {
    "numbered headings": (
        "".join(f"<h3>{n}. {t}</h3>{PICTURE}<p>{x}</p>" for n, (t, x) in enumerate(OTHERS, 1)),
        "3. Ferry",
    ),
    "headings as their pictures": (
        "".join(f'<h2>{t}</h2><img src="/{n}.jpg" alt="{t}"><p>{x}</p>' for n, (t, x) in enumerate(OTHERS)),
        "Museum finds a lost map",
    ),
    "captions": (
        "".join(f'<figure><img src="/a.jpg"><figcaption>{t}. {x}</figcaption></figure>' for t, x in OTHERS),
        "shows a street",
    ),
    "a table": (
        f"<table>{''.join(f'<tr><td>{n}</td><td>Harbour {n}</td><td>{60 - n}</td></tr>' for n in range(19))}</table>",
        "12 | Harbour 12 | 48",
    ),
    "addresses": (
        f"<ul>{''.join(f'<li><b>Fish shop {n}</b>, {n} Quay Street, open until noon</li>' for n in range(7))}</ul>",
        "4 Quay Street",
    ),
    "a recipe": (
        "<h2>Ingredients</h2><ul><li>500 g mussels</li><li>2 leeks, sliced thin</li></ul><h2>Method</h2><ol>"
        "<li>Sweat the leeks in butter.</li><li>Add the cider and let it boil.</li></ol>",
        "2 leeks, sliced thin",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", LISTED)
def test_what_an_article_lists_is_text(kind: str) -> None:
    listed, kept = LISTED[kind]
    assert kept in read(paragraphs(STORY[0]) + listed)


COMMENTS = (
    '<div id="comments" class="comments-area"><h2>9 thoughts on “Crane”</h2><ol class="comment-list">{}</ol></div>'
).format(
    "".join(
        f'<li class="comment"><b class="fn">Reader {n}</b> <time datetime="2024-05-07T1{n}:00:00Z">1{n}:00</time>'
        f"<p>I have waited {n} years for it, and my grandfather used to fish there every Sunday after church.</p></li>"
        for n in range(9)
    )
)


@pytest.mark.parametrize(
    "path", ["news/crane", "health/how-islanders-live-longer", "culture/live-music-returns", "live/concerts/crane"]
)
@pytest.mark.parametrize(
    ("below", "left_out"),
    [
        (COMMENTS, "my grandfather"),
        (f'<aside class="more"><h2>More stories</h2><ul>{teasers()}</ul></aside>', "Ovens stayed cold"),
        (f"<div><h2>More stories</h2>{teasers('div')}</div>", "Ovens stayed cold"),
    ],
)
@pytest.mark.parametrize("count", [1, len(STORY)])
def test_comments_and_teasers_are_no_posts_and_no_text(path: str, below: str, left_out: str, count: int) -> None:
    text = read(paragraphs(*STORY[:count]), below=below, path=path)
    assert left_out not in text and "Bakers strike" not in text
    assert text.split("\n")[-count:] == list(STORY[:count])


@pytest.mark.parametrize(
    "lines",
    [
        ("परिषद ने मंगलवार को पूर्वी घाट को फिर से बनाने का निर्णय लिया है।", "काम अप्रैल में शुरू होगा और चौदह महीने चलेगा।"),
        ("የወደቡ ምክር ቤት ማክሰኞ ዕለት ምሥራቃዊውን ምሰሶ እንደገና ለመገንባት ወሰነ።", "ሥራው በሚያዝያ ወር ተጀምሮ አሥራ አራት ወራት ይወስዳል።"),
        ("ក្រុមប្រឹក្សាកំពង់ផែបានសម្រេចថានឹងសាងសង់ផែខាងកើតឡើងវិញ។", "ការងារនឹងចាប់ផ្តើមនៅខែមេសា ហើយត្រូវការដប់បួនខែ។"),
        ("کونسل نے منگل کو مشرقی گھاٹ دوبارہ بنانے کا فیصلہ کیا ہے۔", "کام اپریل میں شروع ہوگا اور چودہ مہینے چلے گا۔"),
        ("ဆိပ်ကမ်းကောင်စီသည် အရှေ့ဘက်တံတားကို ပြန်လည်ဆောက်လုပ်ရန် ဆုံးဖြတ်ခဲ့သည်။", "အလုပ်ကို ဧပြီလတွင် စတင်မည်ဖြစ်သည်။"),
        ("คณะกรรมการท่าเรือมีมติให้สร้างสะพานปลาฝั่งตะวันออกขึ้นใหม่", "วิศวกรกล่าวว่างานจะเริ่มในเดือนเมษายนและใช้เวลาสิบสี่เดือน"),
        ("ສະພາທ່າເຮືອໄດ້ຕັດສິນໃຈວ່າຈະສ້າງທ່າເຮືອຕາເວັນອອກຄືນໃໝ່", "ວຽກງານຈະເລີ່ມໃນເດືອນເມສາແລະຈະໃຊ້ເວລາສິບສີ່ເດືອນ"),
        ("Նավահանգստի խորհուրդը որոշեց վերակառուցել արևելյան նավամատույցը։", "Աշխատանքները կսկսվեն ապրիլին։"),
    ],
)  # fmt: skip
def test_a_short_article_loses_no_paragraph_because_of_its_script(lines: tuple[str, ...]) -> None:
    assert read(paragraphs(*lines), title="The Post: 7") == "\n".join(lines)
