"""Two texts: a copy, shortened or retitled, is one article; what only looks like one is two."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.dedup.texts import Likeness, Told, likeness
from tests.builders import entry

KETTLE = (
    "The copper kettle that stands in the window of Ada Inkwell's tea room in Merrow began to"
    " whistle in B flat on Friday morning, a full octave below the note that it has held since the"
    " spring of 1974. Neighbours in Ropemaker Lane heard it at six o'clock, before the first tram,"
    " and took it for the lighthouse at Gull Point. Inkwell, who is 81, said that she had changed"
    " nothing but the water. The town's piano tuner, Piet Damper, measured the sound with a fork"
    " and found it a quarter tone flat. The council will hear from him on Tuesday, and has asked"
    " the waterworks for the figures of the hardness of the supply since January. Until then the"
    " kettle stays on the stove, and visitors may listen between two and four in the afternoon."
)
BRIDGE = (
    "Engineers who look after the swing bridge at Tansy Quay have taken its two motors apart after"
    " the span stopped halfway on Wednesday night and left a coal barge waiting for eleven hours."
    " The older motor, built by Harbinger and Sons in 1931, had lost a third of its windings; the"
    " newer one had been wired the wrong way round since a repair in the autumn, so that each of"
    " them pushed against the other whenever the bridge turned. Mayor Ottoline Reed told the"
    " harbour board that no money had been set aside for a third motor. Ferries carry foot"
    " passengers across every twenty minutes until the end of the month, free of charge, and"
    " lorries are sent round by Lower Dunlin, which adds fourteen kilometres to their way."
)
HEAD = (
    "Piet Damper has told the council that it was neither the water nor the stove. In a report of"
    " nine pages, which he read aloud on Tuesday evening to a full chamber, the tuner says that a"
    " family of swifts has built in the flue behind the tea room, and that the draught which their"
    " nest makes has cooled the spout by some four degrees. A cooler spout sounds lower, he writes,"
    " and offers to show it with a bottle and a candle. The birds may not be moved before"
    " September, and so the council has voted, by twelve to three, for a screen of wire."
)
RATES = (
    "<p>The Bank of Merrow set its reference rates at noon today. One crown buys {} Dunlin marks,"
    " {} Tansy florins and {} Gull pounds. The rates are those at which members of the exchange"
    " dealt with each other in the last hour of the morning, weighed by turnover, and they hold"
    " until noon of the next working day. Travellers are asked to count their notes at the"
    " window.</p>"
)
WEATHER = (
    "<p>Morning of {}: in {} it is {} degrees with wind from the {}, and in {} it is {} degrees"
    " under a low sky. Rain is likely by the afternoon, first on the coast and then further"
    " inland, with some thunder over the hills. Small boats should stay in harbour. The next"
    " forecast comes at six in the evening from the observatory on the mole.</p>"
)
RELEASE = (
    "<p>{} {} is out. It fixes {} faults that users had told us of, among them one that emptied"
    " the list of drafts when the window was closed while a letter was being sent. As always the"
    " archive is signed with the key that stands on our page, and whoever builds from source"
    " should read the notes on upgrading first. Thanks go to all who wrote in.</p>"
)
FOOTER = (
    "You are reading one of the pages that our readers pay for. If you would like to keep the"
    " presses turning, become a friend of the paper for three crowns a month; friends get the"
    " crossword a day early and a seat at the winter supper. Write to the desk at any hour: there"
    " is always somebody awake, and the tea is hot."
)
CYRILLIC = (
    "Медный чайник в окне чайной Ады Чернильской в Мерроу с утра пятницы свистит на целую октаву"
    " ниже, чем все годы с весны 1974. Соседи в Канатном переулке услышали его в шесть часов, до"
    " первого трамвая, и приняли за маяк на Чайкином мысу. Хозяйка, которой 81 год, говорит, что"
    " не меняла ничего, кроме воды. Настройщик Пётр Демпфер измерил звук камертоном и нашёл его на"
    " четверть тона низким. Совет выслушает его во вторник."
)
JAPANESE = (
    "メロウ町の喫茶店の窓辺に置かれた銅のやかんが、金曜日の朝から変ロ音で鳴り始めた。一九七四年の春から"
    "保ってきた音より一オクターブ低い。近所の人々は六時に始発の路面電車が来る前にその音を聞き、岬の灯台と"
    "間違えた。店主は水のほかには何も変えていないと話している。調律師が音叉で測ったところ、四分の一音だけ"
    "低かった。町議会は火曜日に調律師から話を聞くことにしている。"
)
JAPANESE_RATES = (
    "今日正午の為替相場です。一クラウンは{}マルク、{}フローリン、{}ポンドでした。昨日よりクラウンが少し"
    "安くなり、市場では取引が静かに続いています。明日も同じ時刻に発表されます。詳しくはメロウ銀行の窓口まで"
    "お問い合わせください。"
)


def told(text: str, title: str = "Kettle heard in B flat", **changes: Any) -> Told:
    return Told(entry(title=title, summary=text, **changes))


def compared(one: Told, other: Told, *, at_home: bool = False) -> Likeness:
    """How alike they are, whichever is asked about the other."""
    found = likeness(one, other, at_home=at_home)
    assert likeness(other, one, at_home=at_home) == found
    return found


def are_one(one: Told, other: Told, *, at_home: bool = False) -> bool:
    return compared(one, other, at_home=at_home).against is None


def against(one: Told, other: Told, *, at_home: bool = False) -> str:
    """Why they are two articles; they are."""
    found = compared(one, other, at_home=at_home)
    assert found.against is not None
    return found.against


def elsewhere(text: str, title: str = "Kettle heard in B flat") -> Told:
    return told(text, title, link="https://herald.example/1")


def but_every(nth: int, text: str) -> str:
    """The text, less each so many words."""
    return " ".join(word for at, word in enumerate(text.split(), start=1) if at % nth)


# ---- copies -------------------------------------------------------------------------------------


def test_a_text_is_one_article_with_itself_and_with_no_other() -> None:
    assert compared(told(KETTLE), told(KETTLE)) == Likeness(score=1.0)
    assert against(told(KETTLE), told(BRIDGE)) == "0.00 of the text in common, under 0.7"


@pytest.mark.parametrize(
    "footer",
    [
        "…",
        "[...]",
        "[&hellip;]",
        "… <p>The post <a href='/k'>Kettle heard</a> appeared first on <a href='/'>Gazette</a></p>",
        "[…] Continue reading Kettle heard in B flat at The Merrow Gazette.",
        "... Read more",
    ],
)
def test_a_copy_that_is_cut_after_240_characters_is_the_article(footer: str) -> None:
    cut = f"<p>{KETTLE[:240].rpartition(' ')[0]} {footer}</p>"
    assert compared(told(cut), elsewhere(KETTLE)) == Likeness(score=1.0)


@pytest.mark.parametrize(
    "dateline",
    ["MERROW, Feb. 13 — ", "MERROW (Gullwire) - ", "<b>Merrow, Friday</b> -- ", "(Gullwire) – "],
)
def test_a_copy_with_a_dateline_a_new_headline_and_half_its_tail_cut_is_the_article(
    dateline: str,
) -> None:
    copy = dateline + " ".join(KETTLE.split()[:70])
    assert are_one(elsewhere(copy, "Tea room sounds a lower note"), told(KETTLE))


def test_a_copy_that_has_lost_five_words_of_a_hundred_is_the_article() -> None:
    found = compared(elsewhere(but_every(20, KETTLE), "A lower note"), told(KETTLE))
    assert found.against is None
    assert 0.75 <= found.score <= 0.95


def test_a_short_copy_may_lose_a_larger_share_of_its_shingles() -> None:
    short = " ".join(KETTLE.split()[:48])
    found = compared(elsewhere(but_every(9, short)), told(KETTLE))
    assert 0.6 <= found.score < 0.7
    assert found.against is None
    found = compared(elsewhere(but_every(9, KETTLE)), told(KETTLE))
    assert 0.6 <= found.score < 0.7
    assert found.against == f"{found.score:.2f} of the text in common, under 0.7"


@pytest.mark.parametrize("link", ["https://gazette.example/2", "https://herald.example/1", None])
def test_a_copy_under_another_headline_is_the_article_on_any_site(link: str | None) -> None:
    copy = told(KETTLE, "Strange sounds from a tea room", link=link)
    assert are_one(copy, told(KETTLE))


def test_one_name_that_a_desk_spells_otherwise_makes_no_other_article() -> None:
    assert are_one(elsewhere(KETTLE.replace("Damper", "Dampier")), told(KETTLE))


@pytest.mark.parametrize("text", [CYRILLIC, JAPANESE])
def test_a_copy_is_found_in_any_script(text: str) -> None:
    cut = text[: len(text) * 2 // 3] + "…"
    assert are_one(elsewhere(cut, "Another"), told(text))
    assert not are_one(told(text), told(KETTLE))


def test_a_japanese_text_is_one_with_its_copy_under_another_headline_of_one_site() -> None:
    copy = told(JAPANESE, "銅のやかんの音が低くなった")
    assert are_one(copy, told(JAPANESE, "やかんが変ロ音で鳴る"))


# ---- what only looks like a copy ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "one", "other"),
    [
        (RATES, ("1.0422", "7.318", "0.8831"), ("1.0417", "7.322", "0.8829")),
        (RATES, ("1.0422", "7.318", "0.8831"), ("1.0422", "7.322", "0.8829")),
        (
            WEATHER,
            ("1 March", "Merrow", "4", "west", "Gull Point", "6"),
            ("2 March", "Merrow", "7", "north", "Gull Point", "9"),
        ),
        (
            WEATHER,
            ("1 March", "Merrow", "4", "west", "Gull Point", "6"),
            ("1 March", "Dunlin", "4", "west", "Tansy", "6"),
        ),
        (RELEASE, ("Quillpost", "4.1.2", "17"), ("Quillpost", "4.1.3", "5")),
        (RELEASE, ("Quillpost", "4.1.2", "17"), ("Inkpress", "4.1.2", "9")),
        (JAPANESE_RATES, ("1.04", "7.31", "0.88"), ("1.05", "7.32", "0.89")),
    ],
)  # fmt: skip
def test_texts_of_one_template_are_two_articles(
    template: str, one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    first, second = told(template.format(*one), "Today"), elsewhere(template.format(*other))
    assert compared(first, second).score >= 0.6
    assert not are_one(first, second)
    same_title = elsewhere(template.format(*other), "Today")
    assert not are_one(first, same_title)
    assert are_one(first, elsewhere(template.format(*one)))


NAMES = (
    "The regatta off Gull Point ended late. In it were boats from Merrow, Dunlin, Tansy, Ropemaker,"
    " Harbinger, Oyster, Lower Fen, Upper Fen, Saltmarsh, Kittiwake and Plover, and all came home"
    " before dark. The prize of {} crowns was handed over by Ottoline Reed, who had waited on the"
    " mole with {} children of the school and {} musicians. {} won, as in most years."
)


def test_an_update_with_other_numbers_is_another_article() -> None:
    first, second = (
        NAMES.format("300", "40", "12", "Kittiwake"),
        NAMES.format("300", "44", "15", "Kittiwake"),
    )
    told_why = against(told(first, "Regatta"), elsewhere(second, "Regatta"))
    assert told_why == "an update or a template: numbers differ on both sides (2 of 3)"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("300", "40", "12"), ("300", "40", "twelve"), True),
        (("3,000", "40", "12"), ("3000", "40.0", "012"), True),
        (("300", "40", "two"), ("300", "40", "three"), False),
        (("300", "40", "zwei"), ("300", "40", "2"), True),
        (("300", "40", "12"), ("300", "40", "some"), True),
    ],
)
def test_a_number_is_the_same_however_it_is_written(
    one: tuple[str, ...], other: tuple[str, ...], same: bool
) -> None:
    first, second = NAMES.format(*one, "Kittiwake"), NAMES.format(*other, "Kittiwake")
    assert are_one(told(first, "Regatta"), elsewhere(second, "Regatta")) is same


def test_a_number_counts_as_often_as_it_stands_there() -> None:
    quay = "There were six coal barges loading and {} waiting to load at Tansy Quay, Reed said."
    first, second = quay.format("six barges were"), quay.format("eight barges were")
    assert against(told(first, "Quay"), elsewhere(second, "Quay")).startswith("an update or")


COUNTED = ("Merrow", "Dunlin", "Tansy", "Harbinger", "Oyster", "Saltmarsh", "Plover", "Curlew")
TABLE = " ".join(
    f"{town} had {n * 7 + 11} swifts in {n + 30} nests on {n * 3 + 5} roofs, they say on the mole."
    for n, town in enumerate(COUNTED)
)


def test_of_twenty_numbers_one_may_be_a_slip_of_the_pen() -> None:
    slip = TABLE.replace("25 swifts", "27 swifts")
    assert are_one(told(TABLE, "Swifts"), elsewhere(slip, "Swifts"))
    other = slip.replace("in 31 nests", "in 45 nests")
    assert not are_one(told(TABLE, "Swifts"), elsewhere(other, "Swifts"))


def test_what_corrects_another_may_have_other_numbers() -> None:
    first = NAMES.format("300", "40", "12", "Kittiwake")
    second = NAMES.format("500", "40", "12", "Kittiwake") + " (Corrects the prize.)"
    title = "Regatta off Gull Point ends late"
    assert are_one(told(first, title), elsewhere(second, f"CORRECTED - {title}"))
    assert not are_one(told(first, title), elsewhere(second, title))
    assert not are_one(told(first, title), elsewhere(second, "CORRECTED - Mayor weighs a motor"))


def test_a_short_text_may_differ_behind_what_is_in_common_too() -> None:
    line = "Ferries go at {} from Tansy Quay to Gull Point every day of the week until March {}"
    first, second = line.format("6", "20"), line.format("6", "23")
    assert against(told(first, "Ferries"), elsewhere(second, "Ferries")).startswith("an update")
    before = "{} barges went by " + line.format("6", "20")
    first, second = before.format("84"), before.format("85")
    assert against(told(first, "Ferries"), elsewhere(second, "Ferries")).startswith("an update")


def test_numbers_that_only_one_text_has_before_what_is_in_common_tell_nothing() -> None:
    line = (
        "Ferries went from Tansy Quay to Gull Point on every day of that week, {}and carried"
        " whoever came along to the mole before the last tram, with dogs and bicycles, for nothing"
    )
    first, second = line.format("9 in all, "), "Posted at 14:05 on the 3rd. " + line.format("")
    assert are_one(told(first, "Ferries"), elsewhere(second, "Ferries"))


def test_of_a_line_of_figures_the_titles_say_whose_they_are() -> None:
    line = "Qtly div 20 crowns vs 20 crowns previously Pay April 15 Record March 23"
    first = told(line, "Inkwell Paper sets its dividend")
    assert against(first, elsewhere(line, "Merrow Mills sets its dividend")) == (
        "neither title is about what is in common"
    )
    assert are_one(first, elsewhere(line, "Inkwell Paper regular dividend"))
    assert are_one(first, elsewhere(line, "Dividend to be paid in April, 20 crowns"))
    assert are_one(told(FOOTER, "Inkwell Paper"), elsewhere(FOOTER, "Merrow Mills")), "no line"


def test_a_round_up_with_a_short_report_in_its_midst_is_another_article() -> None:
    short = "Dunlin millers bought 3,000 sacks of rye for the shipment in May, traders said."
    report = told(short, "Dunlin buys rye")
    head = " ".join(HEAD.split()[:25])
    found = against(report, elsewhere(f"{head} {short} {BRIDGE}", "The trade of the day"))
    assert found == "a follow-up: 25 words of its own before what is in common"
    head = " ".join(HEAD.split()[:6])
    assert are_one(report, elsewhere(f"{head} {short} {BRIDGE}", "The trade of the day"))


def test_a_template_with_other_names_is_another_article() -> None:
    first = NAMES.format("300", "40", "12", "Kittiwake")
    second = (
        first.replace("Oyster", "Sandpiper").replace("Plover", "Curlew").replace("Tansy", "Eider")
    )
    assert against(told(first, "Regatta"), elsewhere(second, "Regatta")) == (
        "a template: numbers and names differ on both sides (3 of 21)"
    )


def test_a_template_whose_titles_name_what_differs_is_two_articles() -> None:
    first = NAMES.format("300", "40", "12", "Kittiwake")
    second = first.replace("Plover", "Curlew")
    assert are_one(told(first, "Regatta"), elsewhere(second, "Regatta"))
    assert against(told(first, "Regatta in Plover"), elsewhere(second, "Regatta in Curlew")) == (
        "a template: each is about what its title says"
    )
    assert are_one(told(first, "Regatta in Plover"), elsewhere(second, "Regatta"))


def test_what_a_title_names_may_stand_before_all_that_two_texts_have_in_common() -> None:
    closed = (
        "{} school stays closed on Thursday because of the storm. Parents may call the office from"
        " eight, and lessons go on by letter. Whoever has to be looked after is welcome at the"
        " Seamen's Hall until noon, where there will be soup."
    )
    first, second = closed.format("Dunlin"), closed.format("Tansy")
    four, five = RELEASE.format("Quillpost", "4", 17), RELEASE.format("Quillpost", "5", 17)
    assert against(told(four, "Quillpost 4"), elsewhere(five, "Quillpost 5"))
    assert against(told(first, "Dunlin school closed"), elsewhere(second, "Tansy school closed"))


def test_a_text_that_lacks_the_others_names_and_numbers_is_another_article() -> None:
    bare = "".join(c if c.islower() or c in " .'" else "x" for c in KETTLE)
    found = against(told(KETTLE), elsewhere(but_every(3, bare) + " " + KETTLE.lower()))
    assert "in common" in found
    names = " ".join(f"Name{n}" for n in range(8))
    found = against(told(f"{KETTLE} {names}"), elsewhere(f"{KETTLE} {BRIDGE}"))
    assert found.endswith("numbers and names in the other, under 0.8")


def test_a_follow_up_that_repeats_what_was_known_is_another_article() -> None:
    follow_up = f"{HEAD} {KETTLE[:380].rpartition('.')[0]}."
    before = KETTLE[:380].rpartition(".")[0] + ". It whistles on."
    found = against(told(before), elsewhere(follow_up, "Swifts in the flue"))
    assert found.startswith("a follow-up: ")
    assert found.endswith(" words of its own before what is in common")


def test_a_short_standfirst_before_a_copy_makes_no_follow_up_of_it() -> None:
    assert are_one(told(KETTLE), elsewhere(" ".join(HEAD.split()[:30]) + " " + KETTLE))
    head = " ".join(HEAD.split()[:70])
    assert are_one(told(KETTLE), elsewhere(f"{head} {KETTLE}")), "where most of it is the copy"


def test_what_one_site_writes_under_all_its_articles_makes_them_not_one() -> None:
    first = told(FOOTER, "Mayor weighs a third motor", link="https://gazette.example/1")
    second = told(FOOTER, "Swifts in the chimney", link="https://www.gazette.example/2")
    found = against(first, second)
    assert found == "neither title is about what is in common"
    assert are_one(first, told(FOOTER, "Mayor weighs a third motor"))
    assert are_one(first, elsewhere(FOOTER, "Swifts in the chimney")), "no footer of two sites"
    about = told(FOOTER, "Friends of the paper get the crossword early")
    assert are_one(first, about)


def test_of_one_site_an_untitled_text_is_of_itself_if_it_is_long_enough() -> None:
    titled = told(FOOTER, "Mayor weighs a third motor")
    assert are_one(titled, told(FOOTER, ""))
    short = FOOTER.partition(";")[0]
    assert not are_one(told(short, "Mayor weighs a third motor"), told(short, ""))
    assert are_one(told(short, ""), told(short, "")), "both untitled: nothing to be about"


# ---- texts that say little ----------------------------------------------------------------------

EIGHT = "A kettle was heard in the lane today."


def test_eight_words_and_the_same_title_are_one_article() -> None:
    assert compared(told(EIGHT), elsewhere(EIGHT)) == Likeness(score=1.0)
    assert are_one(told(EIGHT), elsewhere(EIGHT + " " + BRIDGE)), "as a teaser begins its article"


def test_under_two_titles_eight_words_are_too_little() -> None:
    expected = "too little text to compare under two titles"
    assert against(told(EIGHT), elsewhere(EIGHT, "Lane woken")) == expected


@pytest.mark.parametrize(
    "other",
    ["A kettle was heard.", "", "A kettle was heard in the lane tonight.", "…", BRIDGE],
)
def test_fewer_words_or_others_are_too_little_to_compare(other: str) -> None:
    assert compared(told(EIGHT), elsewhere(other)) == Likeness(
        score=0.0, against="too little text to compare"
    )


def test_nothing_is_like_nothing() -> None:
    assert not are_one(told("", ""), told("", ""))


def test_a_word_that_is_said_over_and_over_is_no_text() -> None:
    assert not are_one(told("la " * 7), elsewhere("la " * 200))
    assert not are_one(told("la " * 300, "Song"), elsewhere("la " * 200, "Another"))


def test_ten_words_with_three_names_or_numbers_are_known_again_under_any_title() -> None:
    flash = "Ada Inkwell's kettle whistles in B flat since Friday at 6, Merrow hears"
    found = compared(told(flash, "Flash"), elsewhere(flash + ", and the council looks into it."))
    assert found == Likeness(score=1.0)
    changed = flash.replace("whistles in", "whistles out of")
    assert "under 0.75" in against(told(flash, "Flash"), elsewhere(changed, "Flash"))


# ---- inside one source --------------------------------------------------------------------------


def test_inside_one_source_nine_tenths_of_the_longer_text_must_be_the_same() -> None:
    assert are_one(told(KETTLE), told(KETTLE + " It goes on and on."), at_home=True)
    cut = told(" ".join(KETTLE.split()[:100]))
    assert are_one(told(KETTLE), cut)
    assert against(told(KETTLE), cut, at_home=True).endswith("of the text in common, under 0.9")


def test_inside_one_source_no_number_and_no_name_may_differ() -> None:
    changed = told(KETTLE.replace("Damper", "Dampier"))
    assert are_one(told(KETTLE), changed)
    found = against(told(KETTLE), changed, at_home=True)
    assert found == "a template: numbers and names differ on both sides (1 of 24)"


def test_inside_one_source_short_texts_say_nothing() -> None:
    assert not are_one(told(EIGHT), told(EIGHT), at_home=True)


# ---- either way ---------------------------------------------------------------------------------


def test_of_texts_of_one_length_it_does_not_matter_which_is_asked_about() -> None:
    plain = (
        "In Merrow the kettle of Ada Inkwell went off at 6 and woke Ropemaker Lane, as a man who"
        " was there with his dog told us later on when the tram had come and gone again"
    )
    named = plain.replace("a man who was", "Piet Damper he was")
    assert len(told(plain).wording.runs) == len(told(named).wording.runs)
    compared(told(plain), elsewhere(named))


def test_what_two_texts_have_in_common_reaches_from_its_first_word_to_its_last() -> None:
    words = told(KETTLE).wording.words
    inner = told("Now then: " + " ".join(words[10:40]) + " so.")
    assert told(KETTLE).part(inner) == range(10, 40)
    assert inner.part(told(KETTLE)) == range(2, 32)
    assert inner.part(told(BRIDGE)) == range(0)
