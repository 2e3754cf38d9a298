// Package lowranktest tests implementations of the interfaces of package
// lowrankgo: operators, problems and methods.
//
// Each suite is a list of rules. A rule is a subtest, and one that fails prints
// what the rule is and why it is there:
//
//	func TestMyProblem(t *testing.T) {
//		p, err := MyProblem{…}.New()
//		if err != nil { t.Fatal(err) }
//		lowranktest.TestProblem(t, p)
//	}
//
// Suites change GOMAXPROCS and count allocations: do not run them in tests that
// call t.Parallel. Random inputs come from fixed seeds, so a failure repeats.
// Instances should be small: a suite calls them some hundred times.
package lowranktest
