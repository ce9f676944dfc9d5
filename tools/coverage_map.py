"""Which feature rows have a passing test: `make coverage-map`, after `make test`."""

import json
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    path = ROOT / ".coverage-map.json"
    if not path.exists():
        print("no test has run yet: make test")
        return 1
    tests = defaultdict(list)
    for test, rows in json.loads(path.read_text("utf-8")).items():
        for row in rows:
            tests[row].append(test)
    lines = (ROOT / "tools" / "features.txt").read_text("utf-8").splitlines()
    known = [line for line in lines if line and not line.startswith("#")]
    for row in known:
        found = sorted(tests.get(row, []))
        print(f"{row:12} {len(found) or '–':>3}  {found[0] if found else ''}")
    strange = sorted(set(tests) - set(known))
    if strange:
        print(f"marks that are no feature row: {', '.join(strange)}")
    print(f"{sum(row in tests for row in known)} of {len(known)} rows have a passing test")
    return 1 if strange else 0


if __name__ == "__main__":
    sys.exit(main())
