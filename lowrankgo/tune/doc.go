// Package tune finds what a problem must be told and its user may not know.
//
//	RobustPCA    rank r and share α of gross errors, from the data
//
// Problems ask for their parameters, and methods take them at their word: with
// a rank too small the answer is wrong everywhere, with one too large it follows
// the errors; with an α too small gross errors stay in the low-rank part, with
// one too large good entries are thrown away. Where the parameters are not
// known from elsewhere, this room looks for them.
//
// An estimate comes with its rule. The doc comment of a result says field by
// field how each number is found, String prints the rule beside the number, and
// Sure with Reasons says when the data do not carry it: too few entries, too
// many outliers, singular values that fall without an edge. An estimate that is
// not sure is a start for one's own judgement, no more:
//
//	e, err := tune.RobustPCA(ctx, y, nil)
//	fmt.Println(e)                       // the numbers, the rules, the doubts
//	p, err := problem.RobustPCA{Data: y, Rank: e.Rank, Alpha: e.Alpha}.New()
//
// How well this does is measured by the package's tests and benchmarks. On
// matrices with normal factors of rank 1 to 8, sides of 60 to 400, 2 to 20 %
// outliers, with and without noise and 30 % missing entries, the rank is right
// in all cases that have at least twice as many good entries as free numbers,
// and α is off by less than 0.01 on average. With fewer entries it may be wrong,
// and then says that it is not sure.
//
// Nothing here looks at a problem or runs a method: estimates are made from the
// data by light machinery of their own, before there is a problem. They depend
// on their seed alone, not on the number of threads.
package tune
