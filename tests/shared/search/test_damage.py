"""Damaged files: noticed, never answered from, and healed by a rebuild."""

import gc
import random
import warnings
from collections.abc import Iterator

import pytest

from shared.search import IndexUnavailable, SearchRequest
from shared.search.damage import Damaged
from shared.search.engine import FileIndex, FileStorage
from shared.search.schema import schema
from shared.search.segments import PostingsCache, Segment
from shared.search.whoosh_index import WhooshIndex
from tests.factories.search import document
from tests.shared.search.test_whoosh_index import ADJECTIVES, NOUNS, found, live, things


@pytest.fixture
def _collected() -> Iterator[None]:
    """Whoosh leaves files that it cannot read to the garbage collector: it runs here, not in a later test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.mark.usefixtures("_collected")
@pytest.mark.parametrize("keep", [0, 100, 0.5, 0.9])
def test_a_truncated_segment_is_noticed_and_a_rebuild_heals_it(index, root, keep):
    index.rebuild(things(300), {})
    segment = next(live(root).glob("*.seg"))
    size = segment.stat().st_size
    content = segment.read_bytes()[: keep if keep >= 1 else int(size * keep)]
    segment.unlink()
    segment.write_bytes(content)
    fresh = WhooshIndex(root, check_seconds=0)
    assert not fresh.health().ok
    for reader in (fresh, index):  # the one that had it open hears of it too
        with pytest.raises(IndexUnavailable):
            reader.search(SearchRequest("sofa"))
    fresh.rebuild(things(300), {})
    assert fresh.health().ok and index.health().ok
    assert found(index, "sofa") == found(fresh, "sofa") != set()


@pytest.mark.usefixtures("_collected")
def test_flipped_bytes_never_show_as_anything_but_unavailable(index, root):
    index.rebuild(things(2000), {})
    segment = next(live(root).glob("*.seg"))
    content, chance = bytearray(segment.read_bytes()), random.Random(5)
    for at in chance.sample(range(len(content)), 400):
        content[at] ^= 0xFF
    segment.unlink()
    segment.write_bytes(content)
    for word in (*NOUNS, *ADJECTIVES):
        try:
            WhooshIndex(root).search(SearchRequest(word))
        except IndexUnavailable:
            return
    assert not WhooshIndex(root).health().ok


@pytest.mark.usefixtures("_collected")
def test_a_number_that_stands_for_no_word_of_its_column_is_damage(index, root):
    index.rebuild([document(at, "sofa", section=f"s{at}") for at in range(1, 9)], {})
    segment = next(live(root).glob("*.seg"))
    content, numbers = segment.read_bytes(), bytes(range(1, 9))
    assert content.count(numbers) == 1
    segment.unlink()
    segment.write_bytes(content.replace(numbers, numbers[:-1] + b"\xf0"))
    with pytest.raises(IndexUnavailable):
        WhooshIndex(root).search(SearchRequest("sofa", facets=True))


@pytest.mark.usefixtures("_collected")
def test_postings_of_documents_that_are_not_there_are_damage(index, root):
    index.rebuild([document(at, "sofa", details={"make": "skoda"}) for at in range(1, 9)], {})
    storage = FileStorage(str(live(root)))
    for reader, _ in FileIndex(storage, schema=schema()).reader().leaf_readers():
        smaller = reader.segment()
        smaller.set_doc_count(7)
        segment = Segment(storage, smaller, PostingsCache())
        with pytest.raises(Damaged, match="postings"):
            segment.postings("sofa")
        with pytest.raises(Damaged, match="details"):
            segment.having("make=skoda")


@pytest.mark.usefixtures("_collected")
def test_words_in_order_that_are_longer_than_their_column_are_damage(index, root):
    index.rebuild([document(at, "old sofa") for at in range(1, 8)], {})
    segment = next(live(root).glob("*.seg"))
    # Two words, a gap, no text, a gap.
    content, lengths = segment.read_bytes(), bytes([16] * 7)
    assert content.count(lengths) == 1
    segment.unlink()
    segment.write_bytes(content.replace(lengths, lengths[:-1] + b"\xf0"))
    with pytest.raises(IndexUnavailable, match="sequence"):
        WhooshIndex(root).search(SearchRequest('"old sofa"'))


@pytest.mark.usefixtures("_collected")
@pytest.mark.parametrize("name", ["words.toml", "spelling.pickle"])
def test_what_the_system_refuses_for_a_while_breaks_no_build(index, root, name):
    index.rebuild([document(1, "Mountain bicycle")], {})
    file = live(root) / name
    aside = file.rename(root / name)
    file.mkdir()
    reader = WhooshIndex(root)
    with pytest.raises(IndexUnavailable, match="cannot be read"):
        reader.search(SearchRequest("bicylce"))
    file.rmdir()
    aside.rename(file)
    assert reader.search(SearchRequest("bicylce")).corrected == "bicycle" and index.health().ok


def test_a_dictionary_that_is_gone_breaks_the_build(index, root):
    index.rebuild([document(1, "Mountain bicycle")], {})
    (live(root) / "spelling.pickle").unlink()
    with pytest.raises(IndexUnavailable):
        WhooshIndex(root).search(SearchRequest("bicylce"))
    assert "broken" in index.health().reason
