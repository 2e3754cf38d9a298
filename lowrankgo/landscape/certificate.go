package landscape

import (
	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// Verdict says which case of [G] Def 2 a point is in.
type Verdict int

const (
	// Undecided: the gradient is small and no negative curvature was found, but
	// too few products were allowed to call the estimate converged.
	Undecided Verdict = iota
	// LargeGradient: ‖∇g‖ ≥ θ. It is proven by the number.
	LargeGradient
	// NegativeCurvature: a direction v with ⟨v, ∇²g v⟩ ≤ −γ‖v‖². It is proven by
	// Rayleigh's principle, whatever the direction came from.
	NegativeCurvature
	// NearOptimum: within ζ of the solutions, which is proven when the truth is
	// known and the problem has its minimum there.
	NearOptimum
	// SecondOrder: the gradient is small and the smallest Hessian eigenvalue is
	// estimated to be above −γ, while the truth is not known or far away. Near a
	// known truth it would be NearOptimum; far from it, it is what a spurious
	// minimum looks like.
	SecondOrder
)

// Certificate says what kind of point x is, by numbers. What [Certificate.Proven]
// lists follows from the numbers alone, up to rounding; what
// [Certificate.Estimated] lists rests on an eigenvalue estimate or an assumption.
type Certificate struct {
	Problem   string // printed
	D1, D2    int    // shape of M
	Rank      int    // columns of the factors
	Symmetric bool
	// Majoriser says that all of it is of the majoriser g_x that the problem has
	// at x, [G] Def 5, in place of g, which has no second derivative everywhere.
	Majoriser bool

	Loss     float64 // g(x)
	GradNorm float64 // ‖∇g(x)‖F over both factors
	// RelGrad is ‖∇g(x)‖ / (L·Scale), L the size of the largest Hessian eigenvalue
	// found: about the length of the step still to go, as a part of Scale.
	RelGrad float64
	// Scale is the length of a typical point: ‖x‖, or that of the truth or the
	// natural length, if it is larger; see [Certify]. So 0 and points near it are
	// measured as others are.
	Scale float64

	Curvature Curvature

	// Distance to the set of solutions when the truth is known, else NaN: the
	// aligned ‖Δ‖F of Def 6 for symmetric problems and for balanced ones (Def 7),
	// ‖UVᵀ − M*‖F where the gauge is GL(r).
	Distance float64
	RelErr   float64 // ‖M − M*‖F/‖M*‖F, NaN when the truth is not known
	// TruthMinimum says whether the objective has its minimum at the truth, as far
	// as numbers at x and there tell: the gradient there is 0 up to rounding, and
	// the value not above g(x). With noise it is No. Unknown without a truth.
	TruthMinimum         Answer
	TruthLoss, TruthGrad float64 // value and ‖gradient‖ at the truth; NaN when it is not known or of higher rank

	Theta, Gamma, Zeta float64 // the numbers of Def 2 that the verdict used
	Verdict            Verdict
	Rigorous           bool // the verdict is proven by the numbers

	Gap *Gap // nil unless f is known to be convex and has products with ∇f

	Balance      float64 // ‖UᵀU − VᵀV‖F; 0 when symmetric
	CondU, CondV float64 // σ₁/σᵣ of the factors; +Inf when rank-deficient
	RankU, RankV int     // numerical ranks
	Gauge        Gauge
	GaugeDim     int // dimension of the directions in which the objective is known not to change
	Deflated     int // how many of them were left out of the search: all, unless the gradient is large or a rank nearly deficient
}

// Gauge is the group under which the objective does not change.
type Gauge int

const (
	Orthogonal Gauge = iota // (UR, VR), R orthogonal: symmetric and balanced objectives
	General                 // (UG, VG⁻ᵀ), G ∈ GL(r): functions of UVᵀ alone
	NoGauge                 // neither was found to hold
)

// Curvature is the smallest eigenvalue found of ∇²g(x).
type Curvature struct {
	Value     float64     // ⟨v, ∇²g v⟩ of the unit direction v: λmin is at most this
	Residual  float64     // ‖∇²g v − Value·v‖: an eigenvalue lies this near to Value
	Direction *lr.Factors // v
	Largest   float64     // the largest Ritz value: λmax is at least this
	Products  int         // Hessian-vector products spent
	Converged bool        // the residual is below the tolerance asked for
	Confirmed bool        // Value and Residual are those of a product of their own, not of the search, which ctx may end before
	Gradients bool        // products were differences of gradients
	Error     float64     // with Gradients: estimated error of a product of a unit vector, else 0
	// Lower is a bound of the smallest eigenvalue, apart from directions that were
	// left out (Deflated), that fails with a probability of at most Failure over
	// the random start of the search: an estimate that speaks of what was not
	// found. −Inf when too few products were spent to say anything.
	Lower   float64
	Failure float64
}

// Gap bounds how far f(X) is above its least value over a nuclear-norm ball, for
// a convex f and without the truth,
//
//	f(X) − min over ‖Y‖₊ ≤ τ of f(Y) ≤ ⟨∇f(X), X⟩ + τ‖∇f(X)‖₂
type Gap struct {
	Inner    float64 // ⟨∇f(X), X⟩
	Spectral float64 // ‖∇f(X)‖₂, or a bound above it
	Exact    bool    // Spectral is exact up to rounding
	// Failure bounds the probability, over the random start of the estimate, that
	// Spectral is below ‖∇f(X)‖₂; 0 when Exact.
	Failure float64
	Nuclear float64 // ‖X‖₊, the least τ for which the bound speaks of X's own ball
}

// At returns the bound for a radius τ ≥ 0.
func (g *Gap) At(tau float64) float64 { return g.Inner + float64(tau*g.Spectral) }

// Options of [Certify]. Nil or zero fields mean their defaults.
type Options struct {
	Products int // most Hessian-vector products; default 60
	// Tol is the residual at which the smallest eigenvalue counts as found, as a
	// part of the largest; default 1e-6, or 5e-3 as soon as eigenvalues below 0
	// are excluded (Curvature.Lower > 0), where more would change no verdict.
	Tol   float64
	Theta float64 // θ: from this gradient norm on the gradient is large; default relative, see [Certify]
	Gamma float64 // γ: curvature below −γ is negative; default relative, see [Certify]
	Zeta  float64 // ζ: distance that is near; default relative, see [Certify]
	Seed  uint64  // of the start of the eigenvalue search
	// Differences makes products from differences of gradients even where the
	// problem has Hessian products.
	Differences bool
}
