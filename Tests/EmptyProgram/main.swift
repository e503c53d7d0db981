// Does nothing, with the libraries that tdxbench has: what starting it costs whatever it does (scripts/compare-start-up).

import Answers
import ArgumentParser
import BenchmarkRecords
import FoundationEssentials
import MapReaders
import SyntheticMaps
import Workloads
