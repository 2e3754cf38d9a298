// Package lowrankgo recovers low-rank matrices by nonconvex optimisation over
// their factors, M = UVᵀ with U d1×r and V d2×r, or M = UUᵀ.
//
// This package is the vocabulary: what a problem, a method, a run and its
// record are. The rest is in its subpackages:
//
//	operator   linear measurement maps
//	sparse     projections onto the sparse matrices of robust PCA
//	problem    the objectives
//	initial    starting points
//	solver     the methods
//	tune       rank and share of outliers, when they are not known
//
// An operator, problem or method of one's own is tested by package lowranktest.
//
// A program names a problem, picks a method and a start, and runs it:
//
//	p, err := problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1}.New()
//	x0, err := initial.Random{Scale: 0.01, Seed: 2}.Point(p)
//	res, err := lowrankgo.Solve(ctx, p, solver.GD{}, x0, nil)
//	fmt.Println(res.Trace)
//
// [Start] gives a [Run] instead, which the caller advances with Next. Stopping
// is decided by a [Stop], a pure function of the [Trace]; reaching a limit is a
// [Status], not an error. A run that is cancelled, diverges or fails returns
// its last complete, finite point beside the error.
//
// What a problem can do beside its value and gradient it offers as an ability,
// which a method asks for by function ([HessVecOf], [BatchesOf],
// [LeastSquaresOf], …) and without which it refuses the problem with an error
// that wraps [ErrAbility]. [Funcs] is a problem made of functions, each field
// an ability, for a program's or a notebook cell's own objective.
//
// A run can be stored, by [Run.Save] or as Options.Checkpoint says, and brought
// back by [Resume]: it then takes the very steps that it would have taken. A
// checkpoint knows its method and its problem, and is held to both.
//
// The same seed gives the same bits for any number of threads, on the same
// architecture and [Variant] of the inner loops.
//
// Norms are Frobenius norms. Data have no units of their own: results are in
// the units of what was measured.
package lowrankgo
