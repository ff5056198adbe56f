"""What may be chosen of a reader study's analysis."""

from __future__ import annotations

from dataclasses import dataclass

from fourview.evaluation.mrmc_covariance import CovarianceMethod
from fourview.evaluation.mrmc_measure import Measure


@dataclass(frozen=True, kw_only=True)
class StudyOptions:
    """What may be chosen of a reader study's analysis."""

    model: str = ""
    """The column of a wide table with a model's scores, or the file or folder of its predictions;
    nothing where there is none."""
    model_from: str = ""
    """The name of the file that the predictions were read from."""
    readers: tuple[str, ...] = ()
    """Whom to take; all where none is named."""
    birads: bool = False
    zero_above: str | None = None
    measure: Measure = "auc"
    """Of what `covariance` is. Obuchowski-Rockette tests are of the AUC, and of this."""
    covariance: CovarianceMethod | None = None
    """How it varies over cases; None for DeLong's of the AUC, the jackknife of average
    precision."""
    reader_weight: float = 0.5
    """The hybrids' lambda: 1 is the reader alone."""
    sweep: int = 21
    """Weights from 0 to 1 at which hybrids are measured."""
    margin: float | None = None
    """For non-inferiority; None where it is not asked."""
    independent: bool = False
    """Count each case as a patient of its own."""
    seed: int = 0
    draws: int = 2000
    level: float = 0.95

    @property
    def drawn(self) -> str:
        """What the bootstrap draws, beside readers."""
        return "cases" if self.independent else "patients"

    @property
    def methods(self) -> dict[Measure, CovarianceMethod]:
        """The measures that Obuchowski-Rockette tests compare, with their covariances: the AUC
        always, average precision where it was chosen."""
        methods: dict[Measure, CovarianceMethod] = {"auc": "delong"}
        methods[self.measure] = self.covariance or (
            "delong" if self.measure == "auc" else "jackknife"
        )
        return methods
