"""Synthetic exams on disk: a population planned, its images drawn and written, its tables."""

from fourview.synthesis.options import FORMATS, SynthesisOptions
from fourview.synthesis.run import write_population

__all__ = ["FORMATS", "SynthesisOptions", "write_population"]
