"""What the benchmarks of a move stand on: two servers, a database to move, peers, and a clock that knows who used the processor."""
