// Package problem states the objectives of the two papers, over the factors of
// M = UVᵀ or, when Symmetric, of M = UUᵀ.
//
// [G] is Ge, Jin, Zheng 2017, arXiv:1704.00708; [L] is Li, Li, Zhu, Tang,
// Wakin 2020, arXiv:2003.10981.
//
// # Stating a problem
//
// A problem is a struct literal whose New checks it and returns it, or an
// error that says what was given and what is wanted. Zero fields mean the
// defaults that are documented at each.
//
//	p, err := problem.Completion{D1: 100, D2: 80, Rank: 3, Rows: i, Cols: j, Values: b}.New()
//
// All of them are functions f of the matrix alone:
//
//	config                 f(M)                                   paper
//	Factorisation          ½‖M − A‖²                              [G](13), [L](II.2)
//	WeightedFactorisation  ½ Σ w_ij (M_ij − A_ij)²                [L](II.2)
//	Sensing                ½‖𝒜(M) − b‖², or 1/(2m)‖𝒜(M) − b‖²     [G](3),(10), [L](IV.1)
//	Completion             1/(2p) ‖(M − M*)_Ω‖²                   [G](4),(11)
//	Counterexample         Σ ⟨Aᵢ, M − zzᵀ⟩², with δ just ½        where the theorems stop
//	General                (w/2) (M − M*) : H : (M − M*)          [G](7),(8),(14)
//	Function               any f, given with ∇f and ∇²f           [L](II.2)
//	MeasurementLoss        Σ φᵢ(𝒜(M)ᵢ), any φᵢ                    [L](II.2)
//	OneBit                 Σ_Ω log(1 + exp(−Y_ij·M_ij))           [L](II.2), [G] §6
//	Poisson                Σ_Ω exp(M_ij) − Y_ij·M_ij              [L](II.2)
//	Huber                  Σ h(𝒜(M)ᵢ − bᵢ), no pull above k       [L](II.2)
//	RobustPCA              min_S ½‖M + S − Data‖², S ∈ S_γα       [G](6),(12)
//	Separable              Σⱼ fⱼ(U·Vⱼᵀ)                           [L](II.3)
//	BlockRobustPCA         RobustPCA for each block of columns    [L](II.3)
//
// Wrappers turn one problem into another. They may be put around each other;
// [G](4) is RowNorm around Balance around Completion.
//
//	wrapper                adds, or makes                         paper
//	Balance                (μ/4) ‖UᵀU − VᵀV‖²                     [G](3),(4),(14), [L](IV.1)
//	RowNorm                λ Σᵢ(‖Uᵢ‖ − α)₊⁴, and the same of V    [G](4),(11)
//	RowNormTheorem         RowNorm of the theorems' orders        [G] Thm 4, Thm 12
//	Ridge                  (λ/2)(‖U‖² + ‖V‖²)
//	Linear, LinearNoise    −⟨N, M⟩ + c, noise in its form as Q    [G] §4
//	Lift                   W = [U; V]: 4 times the problem        [G](15),(16)
//
// # Scales
//
// The papers scale one objective in several ways. Here b and 𝒜 are never
// normalised, and the number in front, [Objective.Weight], is a field with a
// name: Scale of Sensing (½ or 1/(2m)), P of Completion (1/(2p)), Weight of
// General (1 is (8), 4 is (14)). An observed entry counts once, so a symmetric
// pair seen on both sides counts twice. [G]'s ⅛‖UᵀU − VᵀV‖² is Balance with
// μ = ½.
//
// Neither the matrices Aᵢ of a symmetric problem nor the forms H need preserve
// symmetric matrices, and masks need not be symmetric: gradients have
// (G + Gᵀ)U, G = ∇f(UUᵀ), not 2GU.
//
// # Robust PCA
//
// [RobustPCA] splits data into a low-rank and a sparse part, some of the data may
// be missing. Its objective is a function of M alone: S is the best one for M,
// within a budget of ⌊γα·n⌋ entries for each row and column, and is stored only
// when it is asked for. Every method that takes gradients works on it. [G](6) is
// Balance with μ = ½ around it. Methods that split data by thresholds of their own
// take the data from it by SplitOf, also through Balance, which is the one wrapper
// that leaves the split what it is.
//
// How S is chosen is a field, Projection. The best S is a matching problem, for
// matrices of some hundred rows ([sparse.Exact]); f is then as the paper has it.
// By default an entry is in S when it is among the largest of its row and of its
// column, which takes two passes over the data. All rules give S* at M*, when S*
// fits the budget and nothing is noisy.
//
// # Random instances
//
// [GaussianSensing], [RandomSensing], [RandomCompletion], [RandomOneBit] and
// [RandomRobustPCA] draw M* and what is measured of it. By default the factors of M* are
// Gaussian. Other fields ask for a condition number (Kappa, Spacing, Sigma),
// for a coherent M* (Support), for factors with more or fewer columns than M*
// has ranks (Rank beside TruthRank), for Noise, and for Outliers. Every kind of
// number has a random stream of its own, so that one field leaves the others'
// numbers as they were, and the same Seed gives the same problem.
//
// # What a problem can do
//
// Every problem has its value and gradient, and passes package lowranktest's
// TestProblem. What else a problem can do is asked by the functions HessVecOf,
// MulGradOf, BatchesOf, LeastSquaresOf, PartsOf, SplitOf, SparsePartOf and TruthOf
// of package lowrankgo:
//
//	                       HessVec  MulGrad  Batches  LeastSquares  Truth
//	Quadratic              yes      yes      a        yes           if given or drawn
//	Factorisation          yes      yes      yes      yes           P_r(A), or P_r(A)₊
//	General                yes      yes      no       no            always
//	Function               b        yes      no       no            if given
//	losses                 yes      yes      a        no            if given or drawn
//	Split                  d        yes      no       no            if given or drawn
//	Regularised            c        c        c        Ridge: c      c
//	Lifted                 c        c        c        no            c
//	Stacked                c        c        c        no            if given or c
//
// (a) if the operator can take single measurements (lowrankgo.TermsEval), as
// all of package operator can. (b) if Hess or HessForm is given. (c) if the
// problems inside have it. (d) f's own, almost everywhere; its Majoriser has that of
// the objective with S frozen. A Separable has Parts too. A Quadratic is what
// Sensing, Completion, both factorisations and Counterexample make, a Split is
// what RobustPCA makes: it has the data to split and the sparse part at a point.
// The sparse part passes through every regulariser and through Separable.
//
// For certificates and the items of the papers (package landscape):
//
//	                       Convex           ErrorForm  Curvature  Majoriser
//	Quadratic              yes              e          yes        no
//	General                e, H semidefinite  always   yes        no
//	Function               if said          no         b          no
//	losses                 yes, or if said  no         yes        no
//	Split                  no               no         no         yes
//	Regularised, Lifted    c                c          c          Regularised: c
//	Stacked                c                no         c          no
//
// (e) if the truth is known. Convex speaks of f as a function of all matrices,
// without regularisers, as Curvature does.
//
// The truth need not be a minimiser: with noise, outliers or one-bit data it is
// what generated the data, and errors are distances to it.
//
// # How it works
//
// All f(UVᵀ) but robust PCA's share one evaluator, which forms no Hessian and, where the
// operator does not, no matrix M: see [Objective]. It remembers ∇f at the last
// point, so that a gradient or a product with ∇f there again, and the part of a
// Hessian product that needs ∇f, cost no further pass over the data; and it
// allocates nothing after the first call of each kind. Results have the same
// bits for any GOMAXPROCS.
package problem
