#!/usr/bin/env bash
# Judge a product in a build. Ends with the exit code of the suite: 0 conforms, 1 does not, 2 could
# not decide, 3 target unreachable or misconfigured, 4 fault of the suite, 64 usage.
#
# CONFORMANCE_TARGET   the target file (conformance.toml)
# CONFORMANCE_OUT      where the run's folder is made (conformance-runs)
# CONFORMANCE_FAIL_ON  must or should (must)
# CONFORMANCE_ONLY, CONFORMANCE_ROLE, CONFORMANCE_SEED, CONFORMANCE_TIER   as the options of `run`
set -euo pipefail

out="${CONFORMANCE_OUT:-conformance-runs}"
result="$out/result.json"
arguments=(--target "${CONFORMANCE_TARGET:-conformance.toml}" --out "$out" --json)
arguments+=(--fail-on "${CONFORMANCE_FAIL_ON:-must}")
for name in ROLE SEED TIER; do
  value="CONFORMANCE_$name"
  [ -z "${!value:-}" ] || arguments+=("--${name,,}" "${!value}")
done
for one in ${CONFORMANCE_ONLY:-}; do
  arguments+=(--only "$one")
done

mkdir -p "$out"
code=0
conformance run "${arguments[@]}" >"$result" || code=$?

# Without a verdict there is no file to name; what was wrong stands on standard error.
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$result" "$1"; }
if [ -s "$result" ]; then
  outcome="$(field outcome)"
  directory="$(field directory)"
else
  outcome="not run"
  directory=""
fi
echo "SIF conformance: $outcome (exit code $code)${directory:+, see $directory/report.html}"
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  printf 'outcome=%s\ndirectory=%s\n' "$outcome" "$directory" >>"$GITHUB_OUTPUT"
fi
exit "$code"
