// Does nothing, with the libraries that tdxbench has: what starting it costs whatever it does (scripts/compare-start-up).

import ArgumentParser
import BenchmarkRecords
import FoundationEssentials
import MapReaders
import PlanReports
import SyntheticMaps
import Workloads
