// Package lowranktest tests implementations of the interfaces of package
// lowrankgo: operators, forms, problems and methods, the library's own and
// those of its users.
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
// [TestOperator] holds a measurement map to its definition and to its adjoint;
// what it can do with dense matrices, with some of its measurements or as a
// mask is found and tested too. [TestForm] does so for a quadratic form, which
// must be self-adjoint.
//
// [TestProblem] looks at a problem as an expansion: f(x + hd) less its value,
// its slope and its curvature along d must vanish as h² and h³, seen as slopes
// on log-log axes. A wrong factor in a gradient is a slope of 1, however small
// the factor. Every ability that a problem claims, also through wrappers, is
// held to what it says; so are an f that is said to be convex, and a majoriser.
//
// [TestMethod] takes few steps of a method, so that it also fits one that is
// done after three. What it looks at is the contract between a method and the
// run: that Info describes Point, that limits and cancellation end a run as
// they should, also inside a long step, that a run resumed from a checkpoint is
// the uninterrupted one, that threads change no bit. A method that splits data
// into a low-rank and a sparse part by a rule of its own, a lowrankgo.Splitter,
// need not know the objective: its residual takes the place of the loss, and its
// sparse part must be what the residual says. [TestRefuses] is for a problem
// that the method cannot work on.
//
// What a suite cannot know, such as which stop rule means success, is said by
// options, whose zero fields are documented defaults.
//
// Suites change GOMAXPROCS and count allocations: do not run them in tests that
// call t.Parallel. Random inputs come from fixed seeds, so a failure repeats.
// Instances should be small: a suite calls them some hundred times.
package lowranktest
