"""The operator's synonyms and compounds: kept beside the program's own, checked, and in force with the next build."""

import pytest

from jobs.cli import search as command
from shared.search import InvalidWords, SearchRequest
from shared.search.whoosh_index import WhooshIndex
from shared.search.words import MAX_EDITS, WordsFile, checked, dumped, read, shipped, write
from tests.factories.search import document


@pytest.fixture
def kept(tmp_path):
    return WordsFile(tmp_path / "search" / "words.toml")


def test_the_list_of_the_program_passes_its_own_check():
    words = shipped()
    for word in [*(word for group in words.synonyms for word in group), *words.compounds]:
        assert checked(word) == word
    assert all(len(compound.split()) == 2 for compound in words.compounds)
    assert len(set(words.compounds)) == len(words.compounds)
    assert len(set(map(frozenset, words.synonyms))) == len(words.synonyms)


def test_a_list_is_read_as_it_was_written(tmp_path):
    write(tmp_path / "words.toml", shipped())
    assert read(tmp_path / "words.toml") == shipped()


def test_without_a_file_the_words_are_those_of_the_program(kept):
    assert kept.words() == shipped()
    assert not kept.path.exists()


def test_what_is_added_is_there_and_nobody_else_may_read_the_file(kept):
    assert kept.add_synonym(["Velo", "push-bike", "VELO", "  two   wheeler "]) == ("velo", "push-bike", "two wheeler")
    assert kept.add_compound(["Rain", "barrel"]) == "rain barrel"
    assert ("velo", "push-bike", "two wheeler") in kept.words().synonyms
    assert "rain barrel" in kept.words().compounds
    assert kept.path.stat().st_mode & 0o077 == 0
    assert set(shipped().synonyms) < set(kept.words().synonyms)


def test_what_is_removed_is_gone_and_may_come_back(kept):
    group = next(group for group in shipped().synonyms if "couch" in group)
    assert kept.remove_synonym(["couch"]) == [group]
    assert tuple(word for word in group if word != "couch") in kept.words().synonyms
    assert group not in kept.words().synonyms
    kept.add_synonym(group)
    assert group in kept.words().synonyms
    kept.remove_compound(["second-hand"])
    assert "second hand" not in kept.words().compounds
    kept.add_compound(["second hand"])
    assert "second hand" in kept.words().compounds


def test_a_pair_of_synonyms_that_loses_one_is_gone(kept):
    kept.add_synonym(["velo", "cycle"])
    kept.remove_synonym(["velo"])
    assert not [group for group in kept.words().synonyms if "velo" in group]
    assert kept.words() == shipped()


def test_a_reset_forgets_every_change(kept):
    kept.add_synonym(["velo", "cycle"])
    kept.remove_compound(["second", "hand"])
    kept.reset()
    kept.reset()
    assert kept.words() == shipped()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["one"],
        ["same", "Same"],
        ["a*", "b"],
        ["", "b"],
        ["x" * 41, "b"],
        ["a b c d e", "b"],
        ['"', "b"],
        ["-", "b"],
    ],
)
def test_what_cannot_be_a_group_of_synonyms_is_refused(kept, words):
    with pytest.raises(InvalidWords):
        kept.add_synonym(words)
    assert not kept.path.exists()


@pytest.mark.parametrize("words", [["one"], ["a", "b", "c"], ["second", "hand*"], []])
def test_what_cannot_be_a_compound_is_refused(kept, words):
    for change in (kept.add_compound, kept.remove_compound):
        with pytest.raises(InvalidWords):
            change(words)


def test_what_is_not_there_cannot_be_removed(kept):
    with pytest.raises(InvalidWords):
        kept.remove_synonym(["velo"])
    with pytest.raises(InvalidWords):
        kept.remove_synonym([])
    with pytest.raises(InvalidWords):
        kept.remove_compound(["velo", "cycle"])


def test_there_is_an_end_to_changes(kept):
    kept.path.parent.mkdir()
    kept.path.write_text(dumped({"added_compounds": [f"foot n{at}" for at in range(MAX_EDITS)]}))
    with pytest.raises(InvalidWords):
        kept.add_compound(["rain", "barrel"])
    assert "rain barrel" not in kept.words().compounds


@pytest.mark.parametrize(
    "content", ["not toml", "added_synonyms = 5", "added_compounds = [5]", "unknown = []", 'added_compounds = "a b"']
)
def test_a_file_that_makes_no_sense_says_so_and_the_next_build_has_the_words_of_the_last(
    kept, tmp_path, content, caplog
):
    index = WhooshIndex(tmp_path / "index", kept.path, check_seconds=0)
    kept.add_synonym(["bicycle", "velo"])
    index.rebuild([document(1, "Old velo")], {})
    kept.path.write_text(content)
    with pytest.raises(InvalidWords):
        kept.words()
    later = document(2, "Another velo")
    index.rebuild([later], {})
    assert [hit.listing for hit in index.search(SearchRequest("bicycle")).hits] == [later.listing]
    assert str(kept.path) in caplog.text


def test_a_first_build_beside_a_file_that_makes_no_sense_has_the_words_of_the_program(kept, tmp_path):
    kept.path.parent.mkdir(exist_ok=True)
    kept.path.write_text("not toml")
    index = WhooshIndex(tmp_path / "index", kept.path, check_seconds=0)
    index.rebuild([document(1, "Second-hand television")], {})
    assert index.search(SearchRequest("secondhand tv")).total == 1


def test_words_take_effect_with_the_next_build_for_documents_and_questions_alike(kept, tmp_path):
    index = WhooshIndex(tmp_path / "index", kept.path, check_seconds=0)
    documents = [document(1, "Old velo"), document(2, "Rain barrel")]

    def totals():
        return [index.search(SearchRequest(text, exact=True)).total for text in ("bicycle", "rainbarrel")]

    index.rebuild(documents, {})
    kept.add_synonym(["bicycle", "velo"])
    kept.add_compound(["rain", "barrel"])
    assert totals() == [0, 0]
    index.rebuild(documents, {})
    assert totals() == [1, 1]


def test_the_command_changes_lists_and_says_when_it_takes_effect(kept, capsys):
    assert command._words(kept.path, "add-synonym", ["velo", "bicycle"]) == 0
    assert "search rebuild" in capsys.readouterr().out
    assert command._words(kept.path, "remove-compound", ["second", "hand"]) == 0
    assert command._words(kept.path, "list", ["velo"]) == 0
    out = capsys.readouterr().out
    assert "+ velo = bicycle" in out and "- second hand" in out and "sofa" not in out
    assert command._words(kept.path, "add-compound", ["second", "hand"]) == 0
    assert command._words(kept.path, "remove-synonym", ["velo"]) == 0
    assert command._words(kept.path, "reset", []) == 0
    assert kept.words() == shipped()


def test_the_command_ends_with_a_sentence_for_a_word_that_is_none(kept, capsys):
    assert command._words(kept.path, "add-synonym", ["*", "b"]) == 1
    assert "is not a word" in capsys.readouterr().err
