// Package landscape says what kind of point a solver stopped at, whether data
// determine the answer at all, and evaluates the definitions, lemmas and theorems
// of two papers as numbers.
//
// [G] is Ge, Jin, Zheng, "No Spurious Local Minima in Nonconvex Low Rank
// Problems", 2017, arXiv:1704.00708; [L] is Li, Li, Zhu, Tang, Wakin, "The Global
// Geometry of Centralized and Distributed Low-rank Matrix Recovery without
// Regularization", 2020, arXiv:2003.10981.
//
// # What kind of point
//
// [Certify] returns a [Certificate]: the gradient norm, the smallest Hessian
// eigenvalue that could be found with its direction and residual, the distance to
// the truth where that is known, and from these the case of [G] Def 2 that the
// point is in:
//
//	c, err := landscape.Certify(ctx, p, x, nil)
//	fmt.Println(c)
//
// What is proven and what is estimated are kept apart. A large gradient is proven
// by its norm. Negative curvature is proven by one direction v with
// ⟨v, ∇²g(x) v⟩ < 0, wherever v came from (Rayleigh's principle). That there is no
// negative curvature is never proven by products with the Hessian: it is an
// estimate, and says with which residual. For a convex f a [Gap] bounds from
// above how far the value is from the least over a nuclear-norm ball; it needs
// neither truth nor eigenvalue.
//
// At a critical point the Hessian vanishes along the gauge, the directions in
// which the objective does not change: (UΩ, VΩ) with skew Ω where it only
// depends on the factors up to a common rotation, (UG, −VGᵀ) with any G where it
// is a function of UVᵀ alone. These directions are left out of the search, which
// would find their zeros first; what is reported is a number of the true Hessian.
// Where the gauge is GL(r), factors of the same matrix may be arbitrarily far
// apart, so that distances are those of UVᵀ.
//
// [Escape] goes down along a direction of negative curvature; [Escaping] makes of
// any method one that does so at each saddle it comes to. [Sweep] runs starts ×
// seeds × methods, certifies where each ends and gives the share that succeeded
// with its Clopper–Pearson interval.
//
// # Do the data determine the answer
//
// [Completable] decides which entries of a matrix of rank r the places of the
// observed ones determine; [Incoherence] and [RIPLowerBound] are the conditions of
// the theorems as numbers, the second a lower bound, since to certify a
// restricted isometry is NP-hard.
//
// # The items of the papers
//
// Each has a function, named after what it computes. It returns the terms and one
// or more [Check] values: the two sides of an identity or inequality, and the
// hypotheses with what the instance has of each. An inequality is claimed only
// where its hypotheses hold. Constants that a paper leaves open are parameters;
// what is found of them on instances ([FitConstant], [StrictSaddleConstant]) is
// empirical. docs/THEORY.md lists all items with their functions, tests and
// measurements; package theory computes it.
//
// The functions know problems by their abilities only, so they work on a user's
// problem as on those of package problem: Hessian products
// ([lowrankgo.HessVecOf]; without them, differences of gradients), the quadratic
// form around the truth ([lowrankgo.ErrorFormOf]), the function of the matrix
// alone ([lowrankgo.UnregularisedOf]), its convexity ([lowrankgo.ConvexOf]), and
// the majoriser of robust PCA ([lowrankgo.MajoriserOf]).
package landscape
