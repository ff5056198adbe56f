#!/usr/bin/env bash
# Trains the paper's two stages on synthetic exams, from nothing to figures on exams that no training saw.
#
#     examples/train_on_phantoms.sh OUT [EXAMS]
#
# A few hours on two CPU cores and 3 GB of disk for the 1,000 exams that it draws unless told otherwise.
# Stopped at any moment, the same command goes on where it was. Minutes of each step: OUT/minutes.csv.
# No number of a synthetic population says anything of patients.
set -euo pipefail

if (($# < 1 || $# > 2)) || [[ $1 == -* ]]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0"
  exit 2
fi
out=$1
case ${SIZE:-small} in
small) exams=${2:-1000} population=(--seed 1 --scale 0.25 --enrich 0.75 --cancers 0.6) parts=(0.6 0.1 0.3) ;;
tiny) exams=${2:-28} population=(--seed 2 --scale 0.1 --enrich 0.7 --cancers 0.5) parts=(0.45 0.35 0.2) ;; # that it runs, in a minute
*) echo "SIZE is ${SIZE}; it may be small or tiny" >&2 && exit 2 ;;
esac
size=${SIZE:-small}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$(command -v "${PYTHON:-python3}")
cores=$("$python" -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
precision=32-true
# bfloat16 where the processor multiplies in it: 1.7 times as many patches a second
grep -qsE 'avx512_bf16|amx_bf16' /proc/cpuinfo && precision=bf16-mixed
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

train=(--labels labels/labels.csv --splits splits.csv --device cpu --set "hardware.precision=$precision")
patch=patch/selected.safetensors

step phantoms fourview phantom phantoms -n "$exams" "${population[@]}" --jobs "$cores"
step labels fourview label phantoms/exams.csv --biopsies phantoms/biopsies.csv --assessments phantoms/labels.csv \
  --annotations phantoms/findings.csv -o labels
step splits fourview split phantoms/exams.csv --labels labels/labels.csv -o splits.csv \
  --set "split.training=${parts[0]}" --set "split.validation=${parts[1]}" --set "split.test=${parts[2]}"
step store fourview prepare phantoms/exams.csv -o store --recipe "$size" --jobs "$cores"
step patches fourview train patch store --findings labels/findings.csv "${train[@]}" --recipe "$size-patch" -o patch
step heatmaps fourview heatmaps store --patch-weights "$patch" --batch-size 64 --jobs "$cores" --device cpu
step birads fourview train birads store "${train[@]}" --recipe "$size-birads" -o birads
for inputs in image-only image-and-heatmaps; do
  step "$inputs" fourview train cancer store "${train[@]}" --recipe "$size-$inputs" \
    --from birads/best.safetensors -o "$inputs"
  step "predictions-of-$inputs" fourview predict store --weights "$inputs/best.safetensors" \
    --patch-weights "$patch" --splits splits.csv --split test --device cpu -o "predictions/$inputs"
done
"$python" "$here/phantom_figures.py" .
