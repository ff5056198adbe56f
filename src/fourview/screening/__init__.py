"""The main job: exams from files in; predictions, heatmaps and a report out."""

from fourview.screening.options import ScreeningOptions
from fourview.screening.run import ScreeningResult, screen
from fourview.screening.talk import Talk

__all__ = ["ScreeningOptions", "ScreeningResult", "Talk", "screen"]
