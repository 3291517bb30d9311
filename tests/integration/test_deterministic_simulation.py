"""The same events and configuration give the same bytes, and a wrong line is named."""
from program import CONFIG, Directory, check, dun

with Directory() as directory:
    sample = directory.file("day.ndjson")
    with open(sample, "w") as file:
        file.write(dun("sample", "--accounts", "500"))
    first = dun("simulate", "--config", CONFIG, "--events", sample)
    check(first == dun("simulate", "--config", CONFIG, "--events", sample), "two runs differ")
    check('"type":"notice.sent"' in first and '"type":"task.opened"' in first, first[:2000])
    check("event.applied" not in first, "the journal's own type was printed")
    cut = dun("simulate", "--config", CONFIG, "--events", sample, "--from", "2026-01-31T12:00:00Z", "--until", "2026-01-31T18:00:00Z")
    check(cut and all("2026-01-31T12" <= line[7:20] <= "2026-01-31T18" for line in cut.splitlines() if line.startswith("{")), cut[:500])
    check("still to come" in cut, "what lies behind --until is not said")

    broken = directory.file("broken.ndjson")
    with open(broken, "w") as file:
        file.write('{"id":"e1"\n[]\n{"id":"e2","type":"payment.received","account":"A1","time":"2026-01-15T10:00:00+08:00","x":{}}\n')
    told = dun("simulate", "--config", CONFIG, "--events", broken, expect=1)
    check(all(f"broken.ndjson:{line}: error:" in told for line in (1, 2, 3)), told)
    dun("simulate", "--config", CONFIG, "--events", sample, "--from", "yesterday", expect=2)
    dun("simulate", expect=2)
