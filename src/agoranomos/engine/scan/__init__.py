"""The catalogue scan: listings from files through a judge to findings.parquet, in bounded memory.

    from agoranomos.engine.scan.journal import unfinished
    from agoranomos.engine.scan.progress import watcher
    from agoranomos.engine.scan.run import scan
    from agoranomos.engine.scan.sources import expand

    sources = expand(["catalogue/", "late/*.csv.gz"], skip=out)
    earlier = unfinished(out)                     # of a scan that was interrupted: keep its moment
    at = earlier.at if earlier else rfc3339(clock())
    source = MyJudge(policy, at)                  # picklable: .version, .open() -> Judge (see
    judging.py) summary = scan(sources, source, out, workers=2, at=at, progress=watcher())

The caller maps AgoranomosError to its exit codes and KeyboardInterrupt to 130; calling again
resumes. Call from under `if __name__ == "__main__":`, as workers are spawned.
"""
