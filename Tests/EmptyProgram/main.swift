// Does nothing, with the libraries that tdxbench would load if Swift's did not lie inside it, ICU aside: what any Swift
// program of such parts takes to start (scripts/compare-start-up).

import Answers
import ArgumentParser
import BenchmarkRecords
import FoundationEssentials
import MapReaders
import SyntheticMaps
import Workloads
