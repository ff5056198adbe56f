"""Which exams and patches an epoch sees."""

from __future__ import annotations

from collections import Counter

from fourview.core.records import ExamLabels
from fourview.core.train_recipe import ExamSection
from fourview.core.views import Label
from fourview.training.epochs import counts_from_areas, epoch_exams, patch_order

NOTHING = dict.fromkeys(Label, False)
LABELS = {
    f"{n:03}": ExamLabels(exam=f"{n:03}", values=NOTHING, biopsied=n % 10 == 0) for n in range(200)
}
BIOPSIED = {name for name, one in LABELS.items() if one.biopsied}


def test_an_epoch_has_all_biopsied_exams_and_as_many_others() -> None:
    """SI, 'Network architecture and training': 4,844 with biopsies, a random 4,844 without."""
    found = epoch_exams(LABELS, ExamSection(), seed=0, epoch=1)
    assert len(found) == len(set(found)) == 40
    assert set(found) >= BIOPSIED


def test_the_others_are_drawn_anew_each_epoch_and_the_same_each_time() -> None:
    first, second = (epoch_exams(LABELS, ExamSection(), seed=0, epoch=e) for e in (1, 2))
    assert set(first) - BIOPSIED != set(second) - BIOPSIED
    assert first == epoch_exams(dict(reversed(LABELS.items())), ExamSection(), seed=0, epoch=1)


def test_with_fewer_others_than_biopsied_all_are_read() -> None:
    few = {name: one for name, one in LABELS.items() if one.biopsied or name < "005"}
    assert set(epoch_exams(few, ExamSection(), seed=0, epoch=0)) == set(few)


def test_every_exam_is_read_where_all_are_asked_for() -> None:
    found = epoch_exams(LABELS, ExamSection(per_epoch="all"), seed=3, epoch=0)
    assert sorted(found) == sorted(LABELS)


def test_an_epoch_has_the_patches_that_it_should_in_a_drawn_order() -> None:
    counts = {"malignant": 3, "benign": 2, "outside": 5, "negative": 1}
    found = patch_order(counts, seed=0, epoch=0)
    assert Counter(name for name, _ in found) == counts
    assert len(set(found)) == 11
    assert found != patch_order(counts, seed=0, epoch=1)
    assert found == patch_order(counts, seed=0, epoch=0)


def test_counts_follow_the_areas_and_sum_to_the_epoch() -> None:
    areas = {"malignant": 0.2, "benign": 0.35, "outside": 50.0, "negative": 49.45}
    assert counts_from_areas(areas, total=10_000) == {
        **{"malignant": 20, "benign": 35, "outside": 5000, "negative": 4945}
    }
    tiny = counts_from_areas({**areas, "malignant": 1e-9}, total=100)
    assert tiny["malignant"] == 1
    assert sum(tiny.values()) == 100
