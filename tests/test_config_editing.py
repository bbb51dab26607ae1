"""Sources added to config.toml: what stands there stays, byte for byte."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator import config
from aggregator.config import Addition, Edited
from aggregator.model import Problem
from aggregator.settings import Settings, Source

SHIPPED = Path(__file__).parent.parent / "config.toml"
NEW = Source(address="https://new.example/feed")
BLOCK = '[[sources]]\nurl = "https://new.example/feed"\n'


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("editing")


def edit(
    folder: Path, text: str | bytes, *wanted: Source | Addition, **environ: str
) -> Edited | tuple[Problem, ...]:
    (folder / "config.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    additions = (Addition(source=w) if isinstance(w, Source) else w for w in wanted or (NEW,))
    return config.add(folder / "config.toml", additions, environ)


def edited(folder: Path, text: str, *wanted: Source | Addition, **environ: str) -> str:
    result = edit(folder, text, *wanted, **environ)
    assert isinstance(result, Edited), [str(problem) for problem in result]
    return (folder / "config.toml").read_bytes().decode()


def sources(folder: Path, environ: Mapping[str, str] | None = None) -> tuple[Source, ...]:
    read = config.read(folder / "config.toml", environ or {})
    assert isinstance(read, Settings), read
    return read.sources


# ---- where it is put ----------------------------------------------------------------------------

ONE = '[[sources]]\nurl = "https://one.example/"'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", BLOCK),
        ("\n", f"\n\n{BLOCK}"),
        ("[site]", f"[site]\n\n{BLOCK}"),
        ("[site]\n\n", f"[site]\n\n{BLOCK}"),
        (f"{ONE} # the first", f"{ONE} # the first\n\n{BLOCK}"),
        (f"{ONE}\n# end\n", f"{ONE}\n# end\n\n{BLOCK}"),
        (f"{ONE}\n\n[site]\n", f"{ONE}\n\n{BLOCK}\n[site]\n"),
        (f"{ONE}\n[site]\n", f"{ONE}\n\n{BLOCK}\n[site]\n"),
        (
            f'{ONE}\n# interval = "3h"\n\n# Hosts\n\n[[hosts]]\nname = "a"\n',
            f'{ONE}\n# interval = "3h"\n\n{BLOCK}\n# Hosts\n\n[[hosts]]\nname = "a"\n',
        ),
        (f"{ONE}\n# Site\n[site]\n", f"{ONE}\n\n{BLOCK}\n# Site\n[site]\n"),
        (
            f'[site]\n  [[ "sources" ]]\n  url = "https://one.example/"\n{ONE[:-1]}2"\n[pull]\n',
            (
                '[site]\n  [[ "sources" ]]\n  url = "https://one.example/"\n'
                f'{ONE[:-1]}2"\n\n{BLOCK}\n[pull]\n'
            ),
        ),
    ],
)
def test_a_source_comes_behind_the_others_and_before_what_follows_them(
    folder: Path, before: str, after: str
) -> None:
    assert edited(folder, before) == after


@pytest.mark.parametrize(
    "before",
    [
        f'{ONE}\ntitle = """\n# not a comment"""\n[pull]\n',
        f'{ONE}\ntitle = """\n[[sources]]\n\n[site]\n"""\n[pull]\n',
        "[site]\ndescription = '''\n[[sources]]\n\n\n[pull]\n'''\n",
        f'{ONE}\ninclude = [\n["a"][0],\n]\n'.replace('["a"][0]', '"a", # [x]\n"b"'),
    ],
)
def test_what_only_looks_like_a_header_or_comment_misleads_nobody(
    folder: Path, before: str
) -> None:
    after = edited(folder, before)
    assert after.replace(BLOCK, "").split() == before.split()
    assert sources(folder)[-1] == NEW


@pytest.mark.parametrize(
    "listed",
    ["[]", '[{ url = "https://one.example/" }]', '[\n  {url = "https://one.example/"}, # one\n]'],
)
def test_a_source_is_added_to_a_list_in_one_value_too(folder: Path, listed: str) -> None:
    after = edited(folder, f"# mine\nsources = {listed} # all\n[site] # ours\n")
    assert sources(folder)[-1] == NEW
    assert all(comment in after for comment in ("# mine\n", "# all\n", "[site] # ours\n"))


def test_the_shipped_file_keeps_every_line(folder: Path) -> None:
    text = SHIPPED.read_text()
    assert edited(folder, text, Source(address=NEW.address, verticals=("tech",))) == (
        f'{text}\n{BLOCK}verticals = ["tech"]\n'
    )


def test_the_ends_of_lines_and_a_byte_order_mark_stay(folder: Path) -> None:
    edit(folder, b"\xef\xbb\xbf[site]\r\ntitle = 'A'\r\n")
    block = BLOCK.replace("\n", "\r\n").encode()
    assert (folder / "config.toml").read_bytes() == (
        b"\xef\xbb\xbf[site]\r\ntitle = 'A'\r\n\r\n" + block
    )


# ---- what is put --------------------------------------------------------------------------------


def test_all_that_a_list_says_of_a_source_is_written(folder: Path) -> None:
    source = Source(
        address="https://new.example/feed?a=1&b=\u00fc",
        title='A "quoted" \\ title',
        site_url="https://new.example/",
        verticals=("tech", "science"),
        enabled=False,
    )
    text = "[verticals.tech]\n[verticals.science]\n"
    assert edited(folder, text, source).endswith(
        """
[[sources]]
url = "https://new.example/feed?a=1&b=\u00fc"
title = "A \\"quoted\\" \\\\ title"
site_url = "https://new.example/"
verticals = ["tech", "science"]
enabled = false
"""
    )
    assert sources(folder) == (source,)


def test_a_note_is_a_comment_that_can_end_nothing(folder: Path) -> None:
    addition = Addition(source=NEW, note="The\nGazette\x00 \u202e# 1")
    assert edited(folder, "", addition) == BLOCK.replace("]]", "]]  # The Gazette # 1")


def test_what_config_toml_could_not_hold_is_tidied_or_left_out(folder: Path) -> None:
    odd = Source(address="HTTPS://new.example/a b", title=" A\x00 ", site_url="http://")
    edited(folder, "", odd, Source(address="https://two.example/", title=" A\n  b ", site_url="x"))
    assert sources(folder) == (
        Source(address="https://new.example/a%20b"),
        Source(address="https://two.example/", title="A b"),
    )


def test_nothing_in_a_list_is_read_from_the_environment(folder: Path) -> None:
    source = Source(address="https://new.example/${HOME}$${X}", title="${HOME", site_url=None)
    edited(folder, "", source, HOME="secret")
    assert sources(folder, {"HOME": "secret"}) == (source,)


def test_an_address_with_a_variable_is_written_with_it(folder: Path) -> None:
    source = Source(address="https://new.example/hidden")
    addition = Addition(source=source, url="https://new.example/${WORD}")
    assert "hidden" not in edited(folder, "", addition, WORD="hidden")
    assert sources(folder, {"WORD": "hidden"}) == (source,)


def test_a_source_that_is_there_under_any_spelling_is_passed_over(folder: Path) -> None:
    text = '[[sources]]\nurl = "http://www.one.example/feed/?utm_source=x"\n'
    again = Source(address="https://one.example/feed")
    result = edit(folder, text, again, NEW, NEW, again)
    assert result == Edited(added=(NEW,), known=3)
    assert [s.address for s in sources(folder)][1:] == [NEW.address]


def test_where_nothing_is_new_the_file_is_not_touched(folder: Path) -> None:
    edit(folder, BLOCK)
    before = (folder / "config.toml").stat()
    result = config.add(folder / "config.toml", [Addition(source=NEW)], {})
    assert result == Edited(added=(), known=1)
    assert (folder / "config.toml").stat().st_ino == before.st_ino


lines = st.sampled_from(
    [
        "[site]", "# a", "", '[[sources]]\nurl = "https://one.example/"', "[verticals.tech]",
        'title = """\n[[sources]]\n# b\n[pull]\n"""', "[[hosts]]\nname = 'a'", "  # [c]",
        "[[sources]]\nurl = 'https://two.example/'\nverticals = [\n# [d]\n]",
    ]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(text=st.lists(lines, unique=True, max_size=8).map("\n".join), title=st.text(max_size=8))
@example(text="", title="${")
def test_a_good_file_stays_what_it_was_with_the_source_at_its_end(
    folder: Path, text: str, title: str
) -> None:
    file = folder / "config.toml"
    file.write_text(text)
    before = config.read(file, {})
    result = edit(folder, text, Source(address=NEW.address, title=title))
    assert isinstance(result, Edited) == isinstance(before, Settings)
    if isinstance(result, Edited) and isinstance(before, Settings):
        assert sources(folder) == (*before.sources, *result.added)
    else:
        assert file.read_text() == text


# ---- the file -----------------------------------------------------------------------------------


def told(result: Edited | tuple[Problem, ...]) -> str:
    assert isinstance(result, tuple)
    (problem,) = result
    return ": " + str(problem).partition(".toml: ")[2]


@pytest.mark.parametrize("text", ["[sit]\n", "[site\n", '[site]\nid = "${NO_SUCH}"\n', b"\xff"])
def test_a_file_with_problems_is_not_edited(folder: Path, text: str | bytes) -> None:
    result = edit(folder, text)
    assert result == config.read(folder / "config.toml", {})
    written = text.encode() if isinstance(text, str) else text
    assert (folder / "config.toml").read_bytes() == written


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    result = config.add(tmp_path / "config.toml", [Addition(source=NEW)], {})
    assert told(result).startswith(": there is no such file; make one with broadsheet init")
    assert list(tmp_path.iterdir()) == []


def test_permissions_stay_and_so_does_a_link_and_nothing_is_left_beside(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    real = tmp_path / "etc" / "real.toml"
    real.write_text("")
    real.chmod(0o640)
    (tmp_path / "config.toml").symlink_to("etc/real.toml")
    config.add(tmp_path / "config.toml", [Addition(source=NEW)], {})
    assert (tmp_path / "config.toml").is_symlink()
    assert real.read_text() == BLOCK
    assert real.stat().st_mode & 0o7777 == 0o640
    assert [one.name for one in real.parent.iterdir()] == ["real.toml"]


def test_a_file_that_cannot_be_written_is_told_and_stays(tmp_path: Path) -> None:
    # Its name leaves no room for that of a file beside it: root may write anywhere else.
    file = tmp_path / f"{'a' * 240}config.toml"
    file.write_text("")
    result = config.add(file, [Addition(source=NEW)], {})
    assert told(result).startswith(
        ": cannot be edited (File name too long); see to the permissions"
    )
    assert [one.read_text() for one in tmp_path.iterdir()] == [""]


def test_what_fails_half_way_leaves_nothing_beside(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        result = config.add(file, [Addition(source=NEW)], {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert told(result).startswith(": cannot be edited (File too large); ")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("config.toml", "")]


def test_a_file_that_would_be_too_large_is_told(folder: Path) -> None:
    long = [Source(address=f"https://{n}.example/{'x' * 9_000}") for n in range(600)]
    assert told(edit(folder, "", *long)).startswith(": would be over 5 MB; ")
    assert (folder / "config.toml").read_bytes() == b""


def test_what_cannot_be_written_as_toml_is_told(folder: Path) -> None:
    unknown = Source(address=NEW.address, verticals=("none",))
    assert ": is written in a way to which no source can be added; " in told(
        edit(folder, "", unknown)
    )


def test_who_cannot_give_a_file_away_keeps_it(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can have a file of somebody else's")
    file = tmp_path / "config.toml"
    file.write_text("")
    os.chown(file, 1234, 5678)
    config.add(file, [Addition(source=NEW)], {})
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 5678)


# ---- secrets ------------------------------------------------------------------------------------


def test_addresses_with_anything_from_the_environment_are_named(folder: Path) -> None:
    file = folder / "config.toml"
    file.write_text(
        '[[sources]]\nurl = "https://a.example/${WORD}"\n[[sources]]\nurl = "https://b.example/$${"\n'
    )
    assert config.from_environment(file, {"WORD": "x"}) == frozenset({"https://a.example/x"})
    file.write_text("[site")
    assert config.from_environment(file, {}) == frozenset()
    assert config.from_environment(folder / "none.toml", {}) == frozenset()


@pytest.mark.parametrize(
    ("text", "meant"),
    [("a", "a"), ("${WORD}/$${", "x/${"), ("${NONE}", None), ("a${", None)],
)
def test_a_text_is_read_as_a_value_would_be(text: str, meant: str | None) -> None:
    result = config.expanded(text, {"WORD": "x"})
    assert result == meant if meant else isinstance(result, config.Complaint)
