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
//	RobustGD           robust PCA; listed entries        Split, MulGrad 1, 6(d1+d2)r² flops
//	AltProj            robust PCA, ill-conditioned       Split, data    2 passes over the data
//	AccAltProj         robust PCA, the first to try      Split, data    1 pass over the data
//	IRCUR              robust PCA of large data          Split, data    some rows and columns
//	PCP                robust PCA, a reference           Split, data    an SVD, 3 copies of the data
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
//	RobustGD           α = O(1/(μ·max(r√r·κ√κ, rκ²))), spectral start:    Yi et al. 2016, arXiv:1605.07784
//	                   linear rate, κ·log(1/ε) steps
//	ScaledGD           robust PCA, α = O(1/(μr√r·κ)), spectral start:     Tong, Ma, Chi 2021, arXiv:2005.08898
//	                   linear rate free of κ
//	AltProj            α = O(1/(μ²r)): linear rate                        Netrapalli et al. 2014, arXiv:1410.7660
//	AccAltProj         α below a power of 1/(μrκ): linear rate            Cai, Cai, Wei 2019, arXiv:1711.05519
//	IRCUR              none for the resampled one; as seen                Cai et al. 2021, arXiv:2010.07422
//	PCP                a constant share of errors in random places, r up  Candès et al. 2011, arXiv:0912.3599;
//	                   to O(d/(μ·log²d)): the optimum is (L*, S*)         Lin, Chen, Ma 2010, arXiv:1009.5055
//
// Ge, Jin and Zheng (2017, arXiv:1704.00708) and Li et al. (2020,
// arXiv:2003.10981) add what makes these guarantees into one of recovery: for
// their objectives every second-order point is a global minimum.
//
// # Robust PCA: which method when
//
// problem.RobustPCA is one problem, data = low rank + sparse, for two families
// of methods. The first descends on its objective f(M) = min over S of
// ½‖M + S − Data‖², [G](6) and (12), whose gradient finds S by the problem's own
// rule; all methods for any gradient do: GD and LBFGS on
// problem.Balance{Of: p, Mu: 0.5} are the paper's own, RobustGD and ScaledGD
// those of the literature. The second splits the data itself, entry by entry,
// and never asks for f: AltProj, AccAltProj, IRCUR and PCP. Its rows of the
// trace have a residual ‖M + S − Data‖/‖Data‖ instead of a loss. Either way the
// result's X is the low-rank part and its Sparse() the sparse one.
//
//	your data                         method                   start
//	fit in memory, or nearly          AccAltProj               initial.Zero
//	very ill-conditioned              AltProj; AccAltProj      initial.Zero
//	n×n with n in the ten thousands,  IRCUR                    initial.Zero
//	or computed as they are read
//	many entries missing (NaN)        RobustGD, LBFGS; IRCUR   initial.Spectral; Zero
//	a list of the observed entries    RobustGD, ScaledGD       initial.Spectral
//	symmetric, M = UUᵀ                ScaledGD, LBFGS          initial.Spectral
//	noise beside the gross errors     ScaledGD, LBFGS          initial.Spectral
//	S capped, or projected exactly    ScaledGD, LBFGS          initial.Spectral
//	small, rank and α unknown         PCP; see package tune    initial.Zero
//	to study the theorem              GD, LBFGS with Balance   initial.Random
//
// How they compare on 500×500 Gaussian factors of rank 5, outliers anywhere and
// no larger than the mean of |M*_ij|, from the start of the table to a relative
// error of 1e-5. Seconds are those of two shared cores, good for an order of
// magnitude.
//
//	                 α = 0.1         α = 0.3         α = 0.45        α = 0.1, κ = 50
//	AccAltProj        24 steps 0.03   25 steps 0.1    27 steps 0.03   25 steps 0.03
//	AltProj           33       0.1    37       0.3   stalled          33       0.07
//	IRCUR             26       0.06   28       0.06   29       0.06   25       0.04
//	PCP               18       1.6    20      10     too slow         19       0.8
//	LBFGS, Balance    15       0.6    25       0.8    38       0.6   stalled
//	ScaledGD          20       1.2    41       1.4    59       0.7   stalled
//
// So the projections are ahead where they apply: a step is cheap, since they
// threshold at one number ζ and select nothing, and a high condition number does
// not mislead their start. The gradient methods take what the others refuse
// (listed entries, symmetric matrices, a Cap, other rules for S), bear missing
// entries better, and minimise an objective, so that with noise they end at its
// minimum: there ζ alone does not tell noise from small errors, and the four
// others stall nearby, at 1.0 to 1.4 times the error.
//
// Each needs the set S_γα to be as large as the errors are: γα at least the
// largest share of any row or column, with γ from 1.5 to 2 where α is a mean, as
// it is when errors are in random places. A run that meets its stop rule while S
// has no room left in more than a twentieth of the rows and columns ends with the
// status SparseFull: α is too small, or the data are not low rank plus sparse. A
// splitter whose residual does not fall any more ends as Stalled. Two things a
// status may not tell. A method that goes by the gradient has converged at any
// minimum of f, also at one that leaves most of the data, as it does where there
// are far more errors than γα allows. What is left there mostly sticks out of its
// line further than normal numbers would, and the status is SparseFull, but not
// always: compare the last Loss with ½‖Data‖². And there may be a second answer:
// when the rank or γα is too generous for the shape, other M of that rank and S
// of that set have the same sum.
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
// Steps allocate nothing after the first (but for Gonum and PCP), look at their context
// between evaluations, and give the same bits for any number of threads. What
// the next step depends on is in State, so that a run saved in a checkpoint
// goes on to the bit (again but for Gonum).
//
// A method of one's own is a type with Name and Start; lowranktest.TestMethod
// holds it to the same rules.
package solver
