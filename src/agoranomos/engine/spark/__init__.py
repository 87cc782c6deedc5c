"""The same kernels on a Spark cluster: work that this machine plans and cuts, and others do.

    from agoranomos.engine.spark.session import cluster
    from agoranomos.engine.spark.units import on_cluster

    with cluster("spark://head:7077", folders=[out, home]) as session:
        summary = scan(sources, source, out, workers=slots(session), at=at, hands=on_cluster(session))

Needs the extra `agoranomos[spark]` and Java 17. Nothing here is imported unless somebody asks for a cluster.
"""
