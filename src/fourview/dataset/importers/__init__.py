"""Public data sets, read from their own tables into fourview's.

`import_dataset("mini-mias", folder, out)` writes exams.csv and whatever the set has of labels.csv,
biopsies.csv, assessments.csv, findings.csv with masks, and regions.csv; docs/datasets.md tells what
each set's labels mean.
"""

from fourview.dataset.importers.catalogue import DATASETS, dataset_named
from fourview.dataset.importers.run import ImportResult, import_dataset

__all__ = ["DATASETS", "ImportResult", "dataset_named", "import_dataset"]
