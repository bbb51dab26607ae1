"""Any date that a feed or a seed may hold, to aware UTC or to nothing; and dates as we write them.

feedparser reads some dates in silence as something else (CEST as UTC, an epoch number as the year
1767), so `parse` reads every form itself and refuses what cannot be meant.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from unicodedata import combining, normalize

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LONGEST = 120
_REMEMBERED = 512
_MILLISECOND_DIGITS = 12
_NOON = 12
_MINUTES = 60
_LEAP_SECOND = 60
_CENTURY_TURNS = 50
_FOUR_DIGITS = 1000
_AFTERNOON = frozenset({"p", "下午", "午後", "午后", "오후"})
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

# Nominative, the genitive where dates use it, and the abbreviations, in English, German, French,
# Spanish, Portuguese, Italian, Dutch, Polish and Russian.
_MONTH_NAMES = """
    jan january januar janner jan janv janvier ene enero janeiro gen gennaio januari sty styczen
    stycznia янв январь января;
    feb february februar feber fev fevr fevrier febrero fevereiro febbraio februari lut luty
    lutego фев февр февраль февраля;
    mar march marz mrz mars marzo marco mrt maart marzec marca мар март марта;
    apr april avr avril abr abril aprile kwi kwiecien kwietnia апр апрель апреля;
    may mai mayo maio mag maggio mei maj maja май мая;
    jun june juni juin junio junho giu giugno cze czerwiec czerwca июн июнь июня;
    jul july juli juil juillet julio julho lug luglio lip lipiec lipca июл июль июля;
    aug august aout ago agosto augustus sie sierpien sierpnia авг август августа;
    sep sept september septembre septiembre setiembre set setembro settembre wrz wrzesien wrzesnia
    сен сент сентябрь сентября;
    oct october okt oktober octobre octubre out outubro ott ottobre paz pazdziernik pazdziernika
    окт октябрь октября;
    nov november novembre noviembre novembro lis listopad listopada ноя нояб ноябрь ноября;
    dec december dez dezember decembre dic diciembre dezembro dicembre gru grudzien grudnia дек
    декабрь декабря
"""

_HOURS_FROM_UTC = {
    "ut utc gmt z wet": 0,
    "bst west cet met mez": 1,
    "cest mest mesz eet cat sast": 2,
    "eest msk trt eat": 3,
    "gst": 4,
    "pkt": 5,
    "ist": 5.5,
    "npt": 5.75,
    "ict wib": 7,
    "hkt sgt myt pht awst wita": 8,
    "jst kst wit": 9,
    "acst": 9.5,
    "aest": 10,
    "acdt": 10.5,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
    "ndt": -2.5,
    "brt art adt": -3,
    "nst": -3.5,
    "ast edt clt": -4,
    "est cdt": -5,
    "cst mdt": -6,
    "mst pdt": -7,
    "pst akdt": -8,
    "akst": -9,
    "hst": -10,
}
_AMERICAN_HOURS = {"et est5edt": -5, "ct cst6cdt": -6, "mt mst7mdt": -7, "pt pst8pdt": -8}


def _folded(text: str) -> str:
    """Without accents, so that `février`, `Fevrier` and `FÉVRIER` are one name."""
    return "".join(c for c in normalize("NFKD", text.lower()) if not combining(c))


_MONTH_NUMBERS = {
    _folded(name): number
    for number, names in enumerate(_MONTH_NAMES.split(";"), 1)
    for name in names.split()
}
_ZONES = {
    zone: timedelta(hours=hours)
    for zones, hours in _HOURS_FROM_UTC.items()
    for zone in zones.split()
}
_AMERICAN_ZONES = {
    zone: timedelta(hours=hours)
    for zones, hours in _AMERICAN_HOURS.items()
    for zone in zones.split()
}

# What datetime reads by itself, and as it is meant: most dates of most feeds.
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_RFC3339 = re.compile(
    rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}(?:\.[0-9]{{1,6}})?(?:Z|[+-][01][0-9]:[0-5][0-9])"
)
_RFC822 = re.compile(
    rf"(?:[A-Z][a-z]{{2}}, )?([0-9]{{2}}) ({'|'.join(m[:3] for m in _MONTHS)}) ([1-9][0-9]{{3}}) "
    rf"({_CLOCK}) (?:GMT|UTC|([+-][01][0-9])([0-5][0-9]))"
)
_EPOCH = re.compile(r"(\d{9,10}|\d{12,13})(?:\.\d+)?")
_BASIC = re.compile(r"^(\d{4})-?(\d{2})-?(\d{2})(?:[t ]?(\d{2})(\d{2})(\d{2})?)?(?!\d)")
_TIME = re.compile(
    r"(?:(?P<before>[上下]午|午[前後后]|오[전후])\s*)?"
    r"(?<![\d+-])(?P<hour>\d{1,2})\s*[:h時时시]\s*(?P<minute>\d{1,2})"
    r"(?:\s*[:分분]\s*(?P<second>\d{1,2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<after>[ap])\.?m\b\.?)?"
    r"\s*\(?(?P<zone>[a-z]+(?:\d[a-z]+)?)?\)?"
    r"\s*(?:(?P<sign>[+−-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?![\d/-]))?"
)
_COMMENT = re.compile(r"\([^()]*\)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?!\d)")
_YEAR_ALONE = re.compile(r"(\d{4})(?:-(\d{2}))?")


def parse(text: str | None, now: datetime) -> datetime | None:
    """The moment that a date means: RFC 822 to 5322, RFC 850, asctime, RFC 3339, W3CDTF, more.

    Also epoch seconds and milliseconds, numeric dates (the month first in `2/13/2026`, the day in
    `13.02.2026`) and dates in words in nine languages. Without a zone, or with one nobody knows,
    it is UTC (RFC 5322 4.3); a wrong weekday is not looked at.

    Args:
        text: The date as published.
        now: An aware UTC datetime.

    Returns:
        Aware UTC in whole seconds, or None for nonsense: unparsable, before 1990, or more than one
        day after `now`.
    """
    if text is None or len(text) > _LONGEST:
        return None
    moment = _moment(text)
    if moment is None or not _EARLIEST <= moment <= now + timedelta(days=1):
        return None
    return moment


def rfc822(moment: datetime) -> str:
    """`Fri, 13 Feb 2026 00:00:00 GMT` for an aware UTC datetime (RFC 822 5, with RFC 1123's year).

    English whatever the locale.
    """
    weekday, month = _WEEKDAYS[moment.weekday()], _MONTHS[moment.month - 1][:3]
    return f"{weekday}, {moment:%d} {month} {moment.year:04} {moment:%H:%M:%S} GMT"


def rfc3339(moment: datetime) -> str:
    """`2026-02-13T00:00:00Z` for an aware UTC datetime (RFC 3339 5.6, RFC 4287 3.3)."""
    return f"{moment.replace(tzinfo=None, microsecond=0).isoformat()}Z"


def long_date(moment: datetime) -> str:
    """`February 13, 2026`, as pages and seeds write a date; English whatever the locale."""
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


@lru_cache(_REMEMBERED)
def _moment(text: str) -> datetime | None:
    """What a date means, however absurd; a document has most of its dates two or three times."""
    try:
        if written := _RFC822.fullmatch(text):
            day, month, year, clock, hours, minutes = written.groups(default="00")
            zone = f"{hours}:{minutes}" if written[5] else "Z"
            text = f"{year}-{_MONTH_NUMBERS[month.lower()]:02}-{day}T{clock}{zone}"
        if _RFC3339.fullmatch(text):
            return datetime.fromisoformat(text).replace(microsecond=0).astimezone(UTC)
        text = normalize("NFKC", text).strip().lower()
        epoch = _EPOCH.fullmatch(text)
        return _from_epoch(epoch[1]) if epoch else _from_calendar(text)
    except (ValueError, OverflowError):  # a 31st of February, a year that datetime cannot hold
        return None


def _from_epoch(digits: str) -> datetime:
    seconds = int(digits) // (1 if len(digits) < _MILLISECOND_DIGITS else 1000)
    return datetime.fromtimestamp(seconds, UTC)


def _from_calendar(text: str) -> datetime | None:
    text = _BASIC.sub(_extended, text)
    clock = _TIME.search(text)
    if clock is None:
        day = _day(text)
        return None if day is None else _midnight(day, UTC)
    # An unknown word behind the time may be the month: "10:00 Feb 13 2026".
    word = clock["zone"] or ""
    is_zone = word in _ZONES or word in _AMERICAN_ZONES
    day = _day(f"{text[: clock.start()]} {'' if is_zone else word} {text[clock.end() :]}")
    since_midnight = _since_midnight(clock)
    if day is None or since_midnight is None:
        return None
    return (_midnight(day, timezone(_offset(clock, day))) + since_midnight).astimezone(UTC)


def _extended(basic: re.Match[str]) -> str:
    """ISO 8601's `20260213T100000` as `2026-02-13 10:00:00`."""
    year, month, day, *clock = basic.groups()
    return f"{year}-{month}-{day} {':'.join(part for part in clock if part)}"


def _midnight(day: date, zone: timezone) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _since_midnight(clock: re.Match[str]) -> timedelta | None:
    """Up to 24:00:00 and a leap second, which RFC 3339 5.6 and ISO 8601 allow."""
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    half = clock["before"] or clock["after"]
    if half and hour <= _NOON:
        hour = hour % _NOON + (_NOON if half in _AFTERNOON else 0)
    passed = timedelta(hours=hour, minutes=minute, seconds=second)
    in_range = minute < _MINUTES and second <= _LEAP_SECOND and passed <= timedelta(days=1)
    return passed if in_range else None


def _offset(clock: re.Match[str], day: date) -> timedelta:
    if clock["sign"]:
        ahead = timedelta(hours=int(clock["hours"]), minutes=int(clock["minutes"] or 0))
        return ahead if clock["sign"] == "+" else -ahead
    zone = clock["zone"]
    if zone in _AMERICAN_ZONES:
        return _AMERICAN_ZONES[zone] + timedelta(hours=_is_american_summer(day))
    return _ZONES.get(zone, timedelta())


def _is_american_summer(day: date) -> bool:
    """From the second Sunday of March to the first of November, the rule since 2007."""
    begin, end = date(day.year, 3, 14), date(day.year, 11, 7)
    begin -= timedelta(days=begin.isoweekday() % 7)
    end -= timedelta(days=end.isoweekday() % 7)
    return begin <= day < end


def _day(text: str) -> date | None:
    found = _YEAR_FIRST.search(text)
    if found:
        return date(int(found[1]), int(found[2]), int(found[3]))
    found = _YEAR_LAST.search(text)
    if found:
        first, separator, second, year = found.groups()
        day, month = int(first), int(second)
        # Americans write the month before a slash; 13/2/2026 cannot be theirs.
        if (separator == "/" and day <= len(_MONTHS)) or month > len(_MONTHS):
            day, month = month, day
        return date(_full_year(year), month, day)
    found = _YEAR_ALONE.fullmatch(text.strip())
    if found:
        return date(int(found[1]), int(found[2] or 1), 1)
    return _day_in_words(_COMMENT.sub(" ", text))


def _day_in_words(text: str) -> date | None:
    """`13 février 2026`, `Feb 13th, 2026`, `Friday, 13-Feb-26`: a month, a day and a year."""
    words = re.findall(r"[^\W\d_]+", _folded(text))
    months = [_MONTH_NUMBERS[word] for word in words if word in _MONTH_NUMBERS]
    match sorted(re.findall(r"\d+", text), key=len):
        case [day, year] if months:
            # The last month counts: "mar" is also Tuesday in French, Italian and Spanish.
            return date(_full_year(year), months[-1], int(day))
    return None


def _full_year(text: str) -> int:
    """RFC 5322 4.3: below 50 is this century, and up to three digits count from 1900."""
    year = int(text)
    if year < _CENTURY_TURNS:
        return year + 2000
    return year + 1900 if year < _FOUR_DIGITS else year
