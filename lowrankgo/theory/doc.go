// Package theory holds the list of all numbered items of the two papers: for
// each its statement, the function that evaluates it, the test that checks it,
// and how to measure it on an ensemble of instances.
//
// [G] is Ge, Jin, Zheng 2017, arXiv:1704.00708; [L] is Li, Li, Zhu, Tang,
// Wakin 2020, arXiv:2003.10981.
//
// # The list
//
// [Items] returns it: objectives, definitions, lemmas, theorems, corollaries and
// figures of both papers, and remarks, which say what the papers have beside
// their numbered items and what is true beside what they print. An [Item] names
// its functions, most of package landscape, and its tests; it is a test's work
// to see that they exist.
//
// # Measuring
//
// Item.Measure evaluates an item on random instances. What it returns depends on
// the kind of the item:
//
//	identity, closed form    Residual, the largest relative one
//	inequality               Violations, and Closest, the largest Left/Right
//	theorem about runs       Proportion of runs, with its interval
//	Ω(·), Θ(·), O(·), c      Constant, the one found, with its range: empirical
//
// Met counts the instances that met each hypothesis: an inequality is claimed of
// those alone. A proportion of 1, or a constant however regular, verifies no
// theorem; a violation contradicts one, or its code: [Measurement.Fails].
//
// [Ensembles] measures many items at once, with the same numbers for any number
// of threads, and [WritePage] writes what came out as Markdown. The command
// "lowrank theory" does both, and its page is docs/THEORY.md.
//
//	lines, err := theory.Ensembles{Items: theory.Items(), Effort: theory.Effort{Seed: 1}}.Run(ctx)
//	err = theory.WritePage(file, lines, theory.Origin{Command: "…"})
//
// # Adding an item
//
// An item goes into the list function of the file of its kind. Its Measure looks
// at the context between instances, draws what is random from streams of
// Effort.Seed, and takes one to three seconds, or with Effort.Quick a tenth.
package theory
