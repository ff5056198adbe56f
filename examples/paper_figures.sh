#!/usr/bin/env bash
# Makes every table and figure of the paper's results, from nothing, on synthetic exams and SIMULATED models.
#
#     examples/paper_figures.sh OUT [EXAMS]
#
# Twenty minutes of two CPU cores and 1 GB of disk for the 2,000 exams that it draws unless told otherwise.
# Stopped at any moment, the same command goes on where it was. Minutes of each step: OUT/minutes.csv.
# OUT/index.html says where each table and figure is. No network reads an image here, and no number says
# anything of patients or of a model: it shows what fourview makes of predictions.
set -euo pipefail

if (($# < 1 || $# > 2)) || [[ $1 == -* ]]; then
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  exit 2
fi
out=$1
exams=${2:-2000}
population=(--seed 1 --scale 0.1 --enrich 0.25 --cancers 0.2)
draws=2000 neighbours=15 pdf=()
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$(command -v "${PYTHON:-python3}")
cores=$("$python" -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
"$python" -c 'import weasyprint' 2>/dev/null && pdf=(--pdf)
if ((exams < 200)); then # that it runs: something of everything, in a minute
  population=(--seed 1 --scale 0.1 --enrich 0.6 --cancers 0.4)
  draws=20 neighbours=5 pdf=()
fi
mkdir -p "$out"
cd "$out"

step() { # step NAME COMMAND...: run it unless it is done; 0 and 3 (done, with remarks) are good
  local name=$1 began=$SECONDS code=0
  shift
  [[ -e .done-$name ]] && return
  echo "== $name: $*" >&2
  "$@" || code=$?
  ((code == 0 || code == 3)) || exit "$code"
  touch ".done-$name"
  local tenths=$(((SECONDS - began + 3) / 6))
  echo "$name,$((tenths / 10)).$((tenths % 10))" >>minutes.csv
}

step phantoms fourview phantom phantoms -n "$exams" "${population[@]}" --jobs "$cores"
step labels fourview label phantoms/exams.csv --biopsies phantoms/biopsies.csv --assessments phantoms/labels.csv \
  --annotations phantoms/findings.csv -o labels
step splits fourview split phantoms/exams.csv --labels labels/labels.csv -o splits.csv
step store fourview prepare phantoms/exams.csv -o store --recipe tiny --jobs "$cores"
step simulated "$python" "$here/simulated_models.py" .

truth=(--labels labels/labels.csv --exams phantoms/exams.csv --findings labels/findings.csv --readers simulated/readers.csv)
image=simulated/simulated-image-only
both=simulated/simulated-image-and-heatmaps
# the paper's two main models, with all that can be said of them: Table 1, S2, S3, Figures 6, S1, S4 to S12
step main fourview evaluate "$image" "$both" "${truth[@]}" --store store --errors-of simulated-image-and-heatmaps \
  --prevalence 0.005 --sensitivity 0.8 --sensitivity 0.9 --specificity 0.9 --recall-rate 0.1 --draws "$draws" \
  "${pdf[@]}" -o main
# all eleven kinds: Tables S1, S4, S6, and the twenty models of four variants
step kinds fourview evaluate "$image" "$both" simulated/simulated-heatmaps-only "$image"-{image-wise,breast-wise,joint,random} \
  "$both"-{image-wise,breast-wise,joint,random} "${truth[@]}" --draws "$draws" "${pdf[@]}" -o kinds
# readers against the ensemble, hybrids: Figures 7, 8, S2
step readers fourview reader-study simulated/readers.csv --model "$both" --measure average-precision --draws "$draws" \
  "${pdf[@]}" -o readers
# what the networks represent: Figures 9 and S3
for inputs in image-and-heatmaps image-only; do
  step "representation-$inputs" fourview represent "simulated/simulated-$inputs" --readers simulated/readers.csv \
    --neighbours "$neighbours" --draws "$draws" "${pdf[@]}" -o "representation/$inputs"
done
"$python" "$here/paper_figures_index.py" .
