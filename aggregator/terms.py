"""What a text is about, in few bytes: its telling words, hashed, those of the title told apart.

Packed as one byte, the number of the title's terms, and then three bytes a term: those of the
title first, those of the text alone behind them, ascending each. Of the 24 bits 22 are the word's
hash, one says whether it is a name, and the last whether it stands there more than once.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from functools import lru_cache
from zlib import crc32

from aggregator import markup, words

MOST_BYTES = 190
"""The most that `of` gives."""

BITS = 22
"""Of a hash. With 22 a lexicon of 5,000 words meets a word by mistake once in 800 words."""

TITLE = 1.2
"""What a term of the title weighs, where one of the text weighs 1."""

NAME = 1.5
"""What a name weighs, where another word weighs 1: names tell one event from another."""

AGAIN = 1.4
"""What a term weighs that is said more than once."""

_MOST_TERMS = (MOST_BYTES - 1) // 3
_MOST_WORDS = 140  # of title and text each, stop words too: news says first what it is about
_MOST_CHARACTERS = 1200  # hold a hundred words of any language, but for the very longest
_REMEMBERED = 1 << 16  # words whose hash is kept
_ASCII_CUT, _CUT = 7, 6  # characters of a word that count

# Words that say nothing of what a text is about, by language; `title_key` writes "don't" as two
# words, and a word of one character is none of ours anyway.
_STOP_WORDS = {
    "en": (
        "about above after again against all also am an and any are as at be because been"
        " before being below between both but by can could did do does doing don down during"
        " each few for from further had has have having he her here hers him his how if in into"
        " is it its just ll may me might more most must my no nor not now of off on once only or"
        " other our out over own re said same say says she should so some such than that the"
        " their them then there these they this those through to too under until up upon us ve"
        " very was we were what when where which while who whom whose why will with would you"
        " your"
    ),
    "de": (
        "aber als am an auch auf aus bei bis da das dass dem den der des die doch du durch ein"
        " eine einem einen einer eines er es für gegen haben hat hatte hier ich ihm ihn ihr ihre"
        " im in ist ja kann kein keine können man mehr mit muss nach nicht noch nun nur ob oder"
        " ohne schon sehr sein seine seinen seit sich sie sind so soll um und uns unter vom von"
        " vor war waren was weil wenn wer werden wie wieder will wir wird wurde wurden zu zum"
        " zur zwischen über"
    ),
    "fr": (
        "alors après au aussi autre aux avant avec avoir car ce cela ces cet cette ceux comme"
        " contre dans de depuis des deux dont du elle elles en encore entre est et eux fait il"
        " ils je la le les leur leurs lors lui mais même ne nous on ont ou où par pas pendant"
        " plus pour qu que quel qui sa sans se selon ses si son sont sous sur tous tout très un"
        " une vers vous était été être"
    ),
    "es": (
        "al ante antes aunque como con contra cual cuando de del desde donde dos durante el"
        " ella en entre era es esa ese eso esta este esto está fue ha había hace hasta hay la"
        " las le les lo los me mi muy más ni no nos para pero por porque puede que quien qué se"
        " según ser si sin sobre son su sus sí también tan tiene todo todos tras un una uno ya"
    ),
    "it": (
        "agli ai al alla alle anche ancora che chi ci come con contro da dai dal dalla dalle"
        " dei del della delle dello di dopo dove due ed era essere fa fino fra gli ha hanno il"
        " in la le lo loro ma mai nei nel nella nelle non nuovo ogni per perché più poi prima"
        " quando quella quello questa questo se senza si sia solo sono su sua sue sugli sul"
        " sulla suo tra un una uno"
    ),
    "pt": (
        "ainda ao aos após as até com como contra da das de depois dia do dois dos ela ele em"
        " entre era essa esse esta este está eu foi foram há isso já lhe mais mas mesmo muito na"
        " nas nem no nos num numa não os ou para pela pelo por porque quando que quem se sem ser"
        " seu seus sob sobre sua suas são também tem ter um uma"
    ),
    "nl": (
        "aan al als bij daar dan dat de deze die dit doen door dus een en er geen had heb"
        " hebben heeft het hij hoe hun in is je kan maar me meer met mijn moet na naar niet nog"
        " nu of om onder ook op over te tegen toch tot uit van veel voor waar was wat we wel"
        " werd wie wij worden wordt zal ze zelf zich zij zijn zo zonder zou"
    ),
    "sv": (
        "alla att av blev bli blir de dem den denna deras det detta dig din du där efter ej"
        " eller en er ett från för ha hade han har hon hur här icke inte jag kan kommer man med"
        " men mer mot mycket ni nu när och om oss på samma sedan sig sin sitt ska som så till"
        " under upp ut utan vad var vara vi vid än är över"
    ),
    "pl": (
        "ale bardzo bez być był była było były będzie co czy dla do go ich ile im jak jako je"
        " jego jej jest jeszcze już kiedy kto która które który lub ma może na nad nie niż od"
        " oraz po pod przed przez przy się są ta tak także tam te tego tej ten to tych tylko tym"
        " we więc za ze że"
    ),
    "ru": (
        "без более бы был была были было быть вам вас во вот все всего вы где да даже для до"
        " его ее если есть еще же за из или им их как когда которая которые который кто ли между"
        " мне может мы на над не него нее нет ни них но об один однако он она они от очень по"
        " под после при про со так также там то того тоже только том ты уже чем что чтобы эта"
        " эти это этого этом этот"
    ),
    "uk": (
        "або але без би був була були було бути вже ви вона вони все від він для до за його"
        " коли ми може на над не по при про під після та так також там те ти то тому тільки хто"
        " це цей ця чи що щоб як яка яке який які із їх її"
    ),
    "tr": (
        "ama ancak bir biz bu da daha de değil diye en gibi göre hem her ile ise için kadar ki"
        " mi mı nasıl ne niye olan olarak oldu olduğu olduğunu sonra tüm var ve veya ya yok çok"
        " şu"
    ),
}
_STOPS = {language: frozenset(said.split()) for language, said in _STOP_WORDS.items()}
# Where nobody says which language it is, "war", "die" and "son" may be English and tell much.
_TELLING_ELSEWHERE = frozenset(
    ("dia", "die", "dig", "dos", "era", "fait", "ha", "im", "man", "mi", "net", "sin", "son", "war")
)
_STOPS[""] = frozenset().union(*_STOPS.values()) - _TELLING_ELSEWHERE
_WEIGHTS = {True: (1.0, AGAIN, NAME, NAME * AGAIN), False: (1.0, AGAIN, 1.0, AGAIN)}

# A name has a capital behind another word or a comma. Where most words have one, it says nothing.
_CAPITALS = "".join(filter(str.isupper, map(chr, range(0x0590))))
_NAMED = re.compile(rf"[{_CAPITALS}](?<=[\w,] .)\w+")
_MOST_NAMES = 0.6


def of(title: str, text: str, language: str | None) -> bytes:
    r"""The terms of a title and of the first hundred words of a plain text, packed.

    Without the stop words of the language (BCP 47; of English for one that is not known here, of
    all where it is None). Of more than 63 terms the title's and then the first of the text.

    Returns:
        At most 190 bytes, the same in every process; `b"\0"` where nothing is said.
    """
    primary = "" if language is None else language[:2].lower()
    stops = _STOPS[""] if language is None else _STOPS["en"] | _STOPS.get(primary, _STOPS["en"])
    text = text[:_MOST_CHARACTERS]
    titled, told = _folded(title, stops), _folded(text, stops)
    names = _names(title, len(titled)) | _names(text, len(told))
    times = Counter(titled + told)
    kept = list(times)[:_MOST_TERMS]
    count = min(len(set(titled)), _MOST_TERMS)
    numbers = [
        term << 2 | (term in names) << 1 | (times[term] > 1)
        for term in sorted(kept[:count]) + sorted(kept[count:])
    ]
    wide = struct.pack(f"<{len(numbers)}I", *numbers)
    packed = bytearray(1 + 3 * len(numbers))
    packed[0] = count
    for place in range(3):
        packed[1 + place :: 3] = wide[place::4]
    return bytes(packed)


def read(packed: bytes, *, names: bool = False) -> tuple[tuple[int, float], ...]:
    """Each term that `of` has packed, the title's first: its hash and what it weighs in this text.

    The weight is 1, times `TITLE`, `AGAIN` and, with `names`, `NAME` for what it is. How rare the
    term is elsewhere is the reader's to know.
    """
    count, titled = len(packed) // 3, packed[0]
    wide = bytearray(4 * count)
    for place in range(3):
        wide[place::4] = packed[1 + place :: 3]
    numbers = struct.unpack(f"<{count}I", wide)
    weights = _WEIGHTS[names]
    return (
        *[(number >> 2, TITLE * weights[number & 3]) for number in numbers[:titled]],
        *[(number >> 2, weights[number & 3]) for number in numbers[titled:]],
    )


@lru_cache(_REMEMBERED)
def hashed(word: str) -> int:
    """The hash of one word of a `title_key`, the same for its forms that are folded into one."""
    return crc32(_fold(word).encode()) >> 32 - BITS


def _folded(text: str, stops: frozenset[str]) -> list[int]:
    said = words.of_key(markup.title_key(text)).split()[:_MOST_WORDS]
    return [hashed(word) for word in said if len(word) > 1 and word not in stops]


def _names(text: str, words: int) -> set[int]:
    """The hashes of the names in a text of so many telling words."""
    found = _NAMED.findall(text)
    if len(found) > _MOST_NAMES * words:
        return set()  # a headline in title case, or all in capitals
    return set(map(hashed, markup.title_key(" ".join(found)).split()))


def _fold(word: str) -> str:
    """What differs in its ending only is one: `whistles` and `whistled`, `чайника` and `чайники`.

    Light stemming of English, with the cut or without, gave no better figures than the cut alone.
    """
    return word[: _ASCII_CUT if word.isascii() else _CUT]
