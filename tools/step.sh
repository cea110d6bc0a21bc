#!/usr/bin/env bash
# step.sh NAME COMMAND…: runs one step of the build, says what it does and how long it took.
# Its output goes to build/logs/; the end of it is shown when the step fails, a sign of life every 20 s.
set -uo pipefail
cd "$(dirname "$0")/.."
name=$1
shift
mkdir -p build/logs
log=build/logs/$(printf %s "$name" | tr -cs 'a-zA-Z0-9' '-').log

printf '• %s …\n' "$name"
SECONDS=0
"$@" >"$log" 2>&1 &
job=$!
trap 'kill "$job" 2>/dev/null; exit 130' INT TERM
next=20
while kill -0 "$job" 2>/dev/null; do
  sleep 0.2
  if [ "$SECONDS" -ge "$next" ]; then
    printf '  … %s, %d s: %s\n' "$name" "$SECONDS" "$(tail -n 1 "$log" | cut -c 1-100)"
    next=$((SECONDS + 20))
  fi
done
wait "$job"
code=$?
if [ "$code" -ne 0 ]; then
  printf '✗ %s failed after %d s. The end of %s:\n\n' "$name" "$SECONDS" "$log"
  tail -n 60 "$log"
  exit "$code"
fi
printf '✓ %s (%d s)\n' "$name" "$SECONDS"
