// Package operator holds what is between a low-rank matrix and the numbers that
// are known of it: linear measurement maps 𝒜: R^{d1×d2} → R^m,
// 𝒜(M)ᵢ = ⟨Aᵢ, M⟩, with their adjoints 𝒜*(w) = Σ wᵢAᵢ, and quadratic forms
// M : H : M = ⟨M, H(M)⟩ with H a self-adjoint operator on matrices.
//
// # Maps
//
// A map is immutable and may be shared; its NewEval gives a workspace for one
// goroutine. Maps are applied to matrices given as products of thin factors,
// and adjoints to thin matrices, so that a d1×d2 matrix is formed only where
// that is cheaper. Every map also works on dense matrices
// (lowrankgo.DenseEvalOf) and in single terms, for stochastic methods
// (lowrankgo.TermsEvalOf), and says by Bytes how much memory it takes.
//
//	map                  stores                 one application of 𝒜 or 𝒜*, k columns
//	Gaussian             8·m·d1·d2 bytes, or 0  2·m·d1·d2 flops, one pass; both together also one
//	RankOne              8·m(d1+d2) bytes       2·m(d1+d2)k flops
//	Mask                 4–12 bytes an entry     2|Ω|k flops
//	Identity             nothing                2·d1·d2·k flops
//	SubsampledTransform  8·m + d1·d2/8 bytes    O(d1·d2·(k + log d1·d2)) flops
//	FuncMap              what its functions do  what its functions do
//
// Which map for what: [Mask] observes entries, as in completion. [Gaussian] is
// the map of the theorems on sensing, with [GaussianEnsemble] to draw it,
// symmetric or larger than memory, and [NewDense] for the user's own matrices.
// [RankOne] is what phase retrieval and covariance sketching measure.
// [Identity] measures everything, for factorisation. [SubsampledTransform] has
// dense measurements at the price of a fast transform, where m·d1·d2 numbers
// are too many. [Func] is anything else, also in a notebook cell.
//
// None of them divides by m or √m. For the random ones the mean of 𝒜*𝒜/m is the
// identity (see [RankOneEnsemble] for aaᵀ), which is the scale of the
// objectives 1/(2m)‖𝒜(M) − b‖².
//
// # Forms
//
// A [QuadraticForm] is the H of the general objective ½(M−M*) : H : (M−M*).
// [GramForm] is c·𝒜*𝒜 of a map, [DenseForm] a matrix on vec(M), [FuncForm] a
// function. [Perturbed] is I + δK with ‖K‖ = 1 exactly: whereas the restricted
// isometry constant of a given map is hard to know, here it is δ by
// construction. [Perturbed.Operator] is a measurement map with that form. In
// the other direction, [Counterexample] makes instances just beyond the
// constants of the theorems.
//
// # Bits
//
// The same seed gives the same numbers on every platform, and results have the
// same bits for any GOMAXPROCS: work is cut into blocks by the sizes alone, and
// sums over blocks are added in order.
package operator
