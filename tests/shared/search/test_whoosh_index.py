"""What the engine does with damaged files, killed or double writers, and anything typed; and against Whoosh itself."""

import os
import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import ids
from shared.search import MAX_DEPTH, Delete, IndexBusy, IndexUnavailable, SearchRequest, Sort, Upsert, layout
from shared.search.engine import FileIndex, FileStorage
from shared.search.layout import Layout
from shared.search.lexicon import Lexicon
from shared.search.reader import Reader
from shared.search.schema import schema
from shared.search.segments import PostingsCache, Segment, Snapshot, latest_generation
from shared.search.whoosh_index import WhooshIndex
from tests.factories.search import document

NOUNS = ["sofa", "lamp", "bike", "tv", "chair", "table", "phone", "vessel", "sink", "bathroom"]
ADJECTIVES = ["red", "green", "old", "new", "second-hand", "blue", "64gb", "large"]


def things(count, seed=1):
    chance = random.Random(seed)
    for at in range(1, count + 1):
        title = f"{chance.choice(ADJECTIVES)} {chance.choice(NOUNS)}"
        yield document(at, title, body=" ".join(chance.choices(NOUNS, k=9)), price=chance.randrange(10_000))


def live(root: Path) -> Path:
    return root / (root / "CURRENT").read_text()


def found(index, text="", **filters):
    return {hit.listing & ids.MAX_SEQUENCE for hit in index.search(SearchRequest(text, **filters)).hits}


# The files and who writes them


def test_nobody_else_may_look_into_the_index(index, root):
    assert root.stat().st_mode & 0o077 == live(root).stat().st_mode & 0o077 == 0


def test_a_missing_index_is_said_and_raised(tmp_path):
    index = WhooshIndex(tmp_path / "nowhere")
    assert index.health().reason == "there is no search index yet"
    for question in (
        lambda: index.search(SearchRequest("sofa")),
        lambda: index.apply([]),
        index.cursor,
        index.contents,
    ):
        with pytest.raises(IndexUnavailable):
            question()


def test_a_pointer_to_nothing_is_said(index, root):
    (root / "CURRENT").write_text("../../etc")
    assert not WhooshIndex(root).health().ok
    (root / "CURRENT").write_text("index.1")
    assert "gone" in WhooshIndex(root).health().reason


def test_an_index_of_another_version_is_not_read(index, root):
    state = live(root) / "state.json"
    state.write_text(state.read_text().replace('"format": "', '"format": "9'))
    assert "rebuild" in WhooshIndex(root).health().reason
    with pytest.raises(IndexUnavailable):
        WhooshIndex(root).search(SearchRequest("sofa"))


def test_a_lost_table_of_contents_is_noticed(index, root):
    next(live(root).glob("*.toc")).unlink()
    assert not index.health().ok


def test_a_second_writer_is_turned_away_and_the_first_goes_on(index, root):
    lock = FileIndex(FileStorage(str(live(root))), schema=schema()).writer()
    with pytest.raises(IndexBusy):
        index.apply([Upsert(document(1))])
    lock.cancel()
    index.apply([Upsert(document(1))])
    assert found(index, "bicycle") == {1}


def test_a_second_rebuild_at_once_is_turned_away(index, root):
    def in_between():
        yield document(1)
        with pytest.raises(IndexBusy):
            WhooshIndex(root).rebuild([], {})

    assert index.rebuild(in_between(), {}) == 1


def test_two_builds_are_kept_and_unfinished_ones_removed(index, root):
    (root / "index.5.tmp").mkdir()
    for _ in range(4):
        index.rebuild([document(1)], {})
        for build in root.glob("index.*"):
            os.utime(build, (0, 0))
    assert sorted(root.glob("index.*.tmp")) == []
    assert 2 <= len(list(root.glob("index.*"))) <= 3
    assert live(root).is_dir()


# Commits


def test_each_commit_of_each_build_is_forced_to_the_disk_and_nothing_twice(tmp_path, monkeypatch):
    forced: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        forced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    index = WhooshIndex(tmp_path / "index", check_seconds=0)
    for _ in range(2):
        index.rebuild([document(1)], {})
        index.apply([Upsert(document(2))])
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", note)
            index.apply([Upsert(document(3))])
        build = index._layout.current()
        newest = f"{build}/_MAIN_{latest_generation(build)}.toc"
        assert forced.count(newest) == 1
        assert not [path for path in forced if path.endswith(".seg") and forced.count(path) > 1]
    assert all(file.parent == build for file in index._synced)


def test_deleted_listings_never_come_back_over_many_commits(index, root):
    chance, alive = random.Random(3), {}
    other = WhooshIndex(root, check_seconds=0)
    most_segments = 0
    for round in range(60):
        changes = []
        for at in chance.sample(range(1, 200), 12):
            if at in alive and chance.random() < 0.5:
                del alive[at]
                changes.append(Delete(document(at).listing))
            else:
                alive[at] = round + 1
                changes.append(Upsert(document(at, f"thing number{at}", revision=round + 1)))
        index.apply(changes)
        health = other.health()
        most_segments = max(most_segments, health.segments)
        assert health.documents == len(alive)
        assert other.contents() == {document(at).listing: revision for at, revision in alive.items()}
        assert found(other, "thing", limit=50) <= set(alive)
    assert most_segments > 2
    assert all(found(other, f"number{at}") == ({at} if at in alive else set()) for at in range(1, 200))


def test_segments_that_lost_all_their_documents_are_harmless(index):
    for round in range(1, 12):
        index.apply([Upsert(document(1, "sofa", revision=round))])
        index.apply([Delete(document(1).listing)])
        assert found(index, "sofa", country="AT", category="bicycles", price_max=10**6, currency="EUR") == set()
        assert index.health().ok and index.health().documents == 0


def test_a_reader_of_another_process_sees_a_commit_and_a_switch(index, root):
    other = WhooshIndex(root, check_seconds=0)
    assert found(other, "sofa") == set()
    index.apply([Upsert(document(1, "sofa"))])
    assert found(other, "sofa") == {1}
    index.rebuild([document(2, "sofa")], {})
    assert found(other, "sofa") == {2}


def test_a_reader_looks_for_news_once_in_its_period_only(index, root):
    other = WhooshIndex(root, check_seconds=3600)
    assert found(other, "sofa") == set()
    index.apply([Upsert(document(1, "sofa"))])
    assert found(other, "sofa") == set()


def test_threads_search_while_commits_and_a_rebuild_go_on(index, root):
    index.rebuild(things(400), {})
    shared, stop, wrong = WhooshIndex(root, check_seconds=0), threading.Event(), []

    def ask(seed):
        chance = random.Random(seed)
        while not stop.is_set():
            try:
                page = shared.search(SearchRequest(f"{chance.choice(ADJECTIVES)} {chance.choice(NOUNS)}"))
                assert page.total >= len(page.hits) > 0
            except BaseException as error:
                wrong.append(error)
                return

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for round in range(15):
        index.apply([Upsert(each) for each in list(things(20, seed=round))])
        if round == 7:
            index.rebuild(things(400), {})
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_build_that_is_removed_while_a_reader_looks_is_unavailable(index, root, monkeypatch):
    index.rebuild([document(1, "sofa")], {})
    assert found(index, "sofa") == {1}
    read_state = layout.read_state

    def removed_after(build: Path) -> layout.State:
        state = read_state(build)
        shutil.rmtree(build)
        return state

    monkeypatch.setattr(layout, "read_state", removed_after)
    with pytest.raises(IndexUnavailable):
        index.search(SearchRequest("sofa"))


def test_a_snapshot_that_another_thread_gives_up_meanwhile_is_still_answered_from(index, root):
    class Cleared(Reader):
        """Another thread opens the snapshot after the first look at it, and finds it broken after the second."""

        seen: Iterator[Snapshot | None] | None = None

        @property
        def _snapshot(self) -> Snapshot | None:
            return self._held if self.seen is None else next(self.seen, None)

        @_snapshot.setter
        def _snapshot(self, snapshot: Snapshot | None) -> None:
            self._held = snapshot

    reader = Cleared(Layout(root), check_seconds=3600)
    snapshot = reader.current()
    reader.seen = iter([None, snapshot])
    assert reader.current() is snapshot


def test_a_thread_that_waited_for_the_dictionary_does_not_read_it_again(index, root):
    lexicon = Lexicon(live(root))
    for name in ("analyzer", "vocabulary", "completions"):
        read = getattr(lexicon, name)
        # As Python since 3.12 calls it for each thread that came before the first had read.
        assert getattr(Lexicon, name).func(lexicon) is read


# Against Whoosh's own matchers


def test_postings_and_columns_are_what_whoosh_reads(index, root):
    index.rebuild(things(3000), {})
    index.apply([Upsert(each) for each in things(50, seed=9)])
    storage = FileStorage(str(live(root)))
    whoosh = FileIndex(storage, schema=schema()).reader()
    for reader, _ in whoosh.leaf_readers():
        segment = Segment(storage, reader.segment(), PostingsCache())
        for term in ("sofa", "lamp", "secondhand", "64gb", "nothing"):
            postings = segment.postings(term)
            for name, weights in (("title", postings.title), ("body", postings.body)):
                ours = dict(zip(postings.documents[weights > 0].tolist(), weights[weights > 0].tolist(), strict=True))
                assert ours == native(reader, name, term)
        for name in ("listing", "price", "city", "posted_at", "has_photo", "lat"):
            assert segment.numbers(name).tolist() == list(
                reader._perdoc.column_reader(name, reader.schema[name].column_type)
            )
        numbers, wanted = segment.words("category", "bicycles")
        assert np.all(numbers == wanted)
        assert segment.lengths("title").tolist() == [reader.doc_field_length(at, "title") for at in range(segment.size)]


def native(reader, name, term):
    if (name, term) not in reader:
        return {}
    matcher, postings = reader._terms.matcher(name, term.encode(), reader.schema[name].format), {}
    while matcher.is_active():
        postings[matcher.id()] = matcher.weight()
        matcher.next()
    return postings


# Anything at all

FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "city": st.integers(),
        "region": st.text(max_size=5),
        "category": st.sampled_from(["bicycles", "", "\udc80", "x" * 1000]),
        "price_min": st.integers(),
        "price_max": st.integers(),
        "currency": st.sampled_from(["EUR", "eur", ""]),
        "has_photo": st.booleans(),
        "since": st.integers(),
        "sort": st.sampled_from(Sort),
        "offset": st.integers(),
        "limit": st.integers(),
    },
)
QUESTIONS = st.one_of(st.text(), st.lists(st.sampled_from(NOUNS + ADJECTIVES + ["-", "*", '"', "the"])).map(" ".join))


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    index = WhooshIndex(tmp_path_factory.mktemp("filled") / "index")
    index.rebuild(things(500), {})
    index.apply([*(Delete(document(at).listing) for at in range(1, 30)), Upsert(document(900, "lone vessel"))])
    return index


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=QUESTIONS, filters=FILTERS)
def test_any_request_is_answered(filled, text, filters):
    request = SearchRequest(text, **filters)
    page = filled.search(request)
    start, stop = request.window
    assert len(page.hits) == max(0, min(page.total, stop) - start)
    assert len(set(page.hits)) == len(page.hits)
    assert page.more == (bool(page.hits) and stop < min(page.total, MAX_DEPTH))
    assert page == filled.search(request)


def test_the_question_that_hangs_stock_whoosh_is_answered(filled):
    assert filled.search(SearchRequest("bathroom vessel sink", limit=100)).total > 0
