// Package solver holds the methods: each is a config struct whose zero value
// works, given to lowrankgo.Solve or Start.
//
//	res, err := lowrankgo.Solve(ctx, p, solver.LBFGS{}, x0, nil)
//
// # Which method for which problem
//
// LBFGS is the one to begin with: any objective, no tuning. For completion and
// sensing whose matrix is ill-conditioned ScaledGD and AltMin are far ahead of
// all methods that see the factors as a plain vector, since their steps do not
// depend on the condition number κ of M*. GD with a fixed step is what the
// papers analyse, and the reference for all others. From a point that may be a
// saddle, PerturbedGD and NoisySGD leave it; the others need not.
//
//	method             fits                              needs          a step costs
//	GD                 the papers' experiments           gradient       1 gradient
//	GD, Barzilai–B.    like GD, often much faster        gradient       1
//	Accelerated        ill-conditioned, smooth           gradient       2
//	ConjugateGradient  any; little memory                gradient       1 to 2
//	LBFGS              any; the first to try             gradient       1, 40 products of points
//	PerturbedGD        starts at or near saddles         gradient       1
//	ScaledGD           ill-conditioned M*, unbalanced    gradient       1, 4(d1+d2)r² flops
//	AltMin             completion, sensing; UVᵀ          LeastSquares   two least-squares problems
//	SGD                many measurements, low accuracy   Batches        a pass: 2 gradients
//	NoisySGD           the same, from a saddle           Batches or not a pass: 2 gradients
//	Gonum              a reference to compare with       gradient       as its line search asks
//
// Every problem has a gradient. What a method needs beyond it is an ability,
// such as lowrankgo.AbilityBatches; Start refuses a problem without it by an
// error that names it. A regulariser such as problem.Balance keeps an ability
// only if its own term has it too.
//
// # What is known of them
//
//	method             guarantee                                          source
//	GD                 f falls for t < 2/L; a second-order point from     Lee et al. 2016, arXiv:1602.04915
//	                   almost every start
//	GD, Barzilai–B.    limit points are critical                          Raydan 1997, SIAM J. Optim. 7:26
//	Accelerated        convex: 1/k²; strongly convex: √κ·log(1/ε) steps   O'Donoghue, Candès 2015, arXiv:1204.3982
//	ConjugateGradient  ⟨g,d⟩ ≤ −⅞‖g‖²; limit points are critical          Hager, Zhang 2005, SIAM J. Optim. 16:170
//	LBFGS              strongly convex: linear rate                       Liu, Nocedal 1989, Math. Program. 45:503
//	PerturbedGD        a second-order point in Õ(1/ε²) steps, with high   Jin et al. 2017, arXiv:1703.00887
//	                   probability, from any start
//	ScaledGD           sensing, completion, near M*: linear rate free     Tong, Ma, Chi 2021, arXiv:2005.08898
//	                   of κ; damped, also with r > r*                     Zhang et al. 2021; Xu et al. 2023, arXiv:2302.01186
//	AltMin             sensing, completion, spectral start: linear rate   Jain, Netrapalli, Sanghavi 2013, arXiv:1212.0467
//	SGD                all terms 0 at once: linear rate                   Ma, Bassily, Belkin 2018, arXiv:1712.06559
//	NoisySGD           within Õ(√η) of a local minimum, with high         Ge et al. 2015, arXiv:1503.02101
//	                   probability
//
// Ge, Jin and Zheng (2017, arXiv:1704.00708) and Li et al. (2020,
// arXiv:2003.10981) add what makes these guarantees into one of recovery: for
// their objectives every second-order point is a global minimum.
//
// # How they end
//
// A method has no loop, no clock and no stop rule: lowrankgo.Run has them. A
// step that can go no further at working precision says so by
// lowrankgo.ErrNoProgress, and the run ends as stalled. The searches for a
// length compare values of the objective, which near a minimum that is not 0
// are lost in rounding at a gradient of about √ε of the first; from there on
// they go by slopes, so that noisy data too are solved to the precision of the
// gradient. Rounding is taken to be relative to the value: an objective that
// nears 0 as a small difference of large numbers, as log(cosh(e)) does, ends as
// stalled at that gradient. One that falls without bound ends as diverged.
//
// Steps allocate nothing after the first (but for Gonum), look at their context
// between evaluations, and give the same bits for any number of threads. What
// the next step depends on is in State, so that a run saved in a checkpoint
// goes on to the bit (again but for Gonum).
//
// A method of one's own is a type with Name and Start; lowranktest.TestMethod
// holds it to the same rules.
package solver
