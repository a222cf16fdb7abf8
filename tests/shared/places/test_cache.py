"""The compiled file: used when it is good, made anew when it is not, never needed."""

import pytest

from shared.places import cache
from shared.places.source import Compiled

SMALL = Compiled([(1, "country", "Utopia", "ut", -1, "UT", 0.0, 0.0, 5, "UTC", "EUR")], b"utopia\t0!")


@pytest.fixture
def compiled(monkeypatch):
    """Counts compilations, which take seconds with the real data."""
    made = []

    def compile_small():
        made.append(SMALL)
        return SMALL

    monkeypatch.setattr(cache, "compile_places", compile_small)
    return made


def test_data_is_compiled_once_for_a_directory(tmp_path, compiled):
    assert cache.load(tmp_path / "new") == cache.load(tmp_path / "new") == SMALL
    assert len(compiled) == 1


@pytest.mark.parametrize("content", [b"", b"\x00", b"junk", b"\xe9\x01\x00\x00\x00", b"N", b"i\x05\x00\x00\x00"])
def test_a_broken_file_is_made_anew(tmp_path, compiled, content):
    cache.load(tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert cache.load(tmp_path) == SMALL
    assert len(compiled) == 2
    assert cache.load(tmp_path) == SMALL
    assert len(compiled) == 2


def test_files_of_older_data_go_away(tmp_path, compiled):
    (tmp_path / "places-0123.marshal").write_bytes(b"old")
    cache.load(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_directory_that_cannot_be_written_costs_only_time(tmp_path, compiled):
    (tmp_path / "file").write_text("in the way")
    assert cache.load(tmp_path / "file") == SMALL
    assert cache.load(None) == SMALL
