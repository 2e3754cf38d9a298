package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// Scale says how a sensing objective is scaled.
type Scale int

const (
	ScaleSum  Scale = iota // ½‖𝒜(M) − b‖², [L](IV.1)
	ScaleMean              // 1/(2m)‖𝒜(M) − b‖², [G](3) and (10)
)

// Sensing recovers M from b = 𝒜(M*), by
//
//	½‖𝒜(M) − b‖²   or   1/(2m)‖𝒜(M) − b‖²
//
// with M = UVᵀ or, when Symmetric, M = UUᵀ.
type Sensing struct {
	Operator  lr.Operator // 𝒜
	B         []float64   // b, one number a measurement; copied
	Rank      int         // columns of the factors
	Scale     Scale       // default ScaleSum
	Symmetric bool        // M = UUᵀ; the operator must be square
	Truth     *lr.Factors // M* where it is known, of any rank; copied
}

// New checks the parts and returns the problem. Shapes that do not fit, a rank
// outside 1 … min(d1, d2), and values that are not finite are errors.
func (s Sensing) New() (*Quadratic, error) {
	if err := lr.CheckOperator(s.Operator); err != nil {
		return nil, fmt.Errorf("problem: Sensing: %w", err)
	}
	_, _, m := s.Operator.Dims()
	weight := 1.0
	switch s.Scale {
	case ScaleSum:
	case ScaleMean:
		weight = 1 / float64(m)
	default:
		return nil, fmt.Errorf("problem: Sensing has Scale %d; ScaleSum (0) and ScaleMean (1) are known: %w", s.Scale, lr.ErrValue)
	}
	return newQuadratic("Sensing", s.Operator, append([]float64(nil), s.B...), s.Rank, weight, s.Symmetric, s.Truth)
}

// RandomSensing is [Sensing] of a random matrix through any operator,
//
//	b = 𝒜(M*) + noise + outliers
//
// Everything random has a stream of its own, named and drawn from Seed, so
// that one field leaves what the others draw as it was.
type RandomSensing struct {
	Operator  lr.Operator // 𝒜
	Rank      int         // of the factors
	Seed      uint64      // of M*, the noise and the outliers
	Scale     Scale       // default ScaleSum
	Symmetric bool        // M = UUᵀ, M* = U*U*ᵀ

	TruthRank int     // rank r* of M*, above or below Rank; default Rank
	Kappa     float64 // condition number κ* ≥ 1 of M*, whose factors then span random signs; default Gaussian factors
	Spacing   Spacing // of the singular values, with Kappa; default SpacingLinear
	Sigma     float64 // largest singular value of M*, with Kappa; default 1
	Support   int     // rows of U* and of V* that are not 0; default all

	Noise       float64 // standard deviation of Gaussian noise on b; default none
	Outliers    float64 // share of the measurements that are grossly wrong, below 1; default none
	OutlierSize float64 // what is added to or taken from those; default 10 times the root mean square of 𝒜(M*)
}

// New draws the problem; the same Seed gives the same problem. The truth is
// M*, also with noise. The errors are those of [Sensing], and options outside
// their range.
func (s RandomSensing) New() (*Quadratic, error) {
	if err := lr.CheckOperator(s.Operator); err != nil {
		return nil, fmt.Errorf("problem: RandomSensing: %w", err)
	}
	return s.named("RandomSensing")
}

// named is New with the name that errors tell.
func (s RandomSensing) named(name string) (*Quadratic, error) {
	d1, d2, m := s.Operator.Dims()
	in := instance{
		name: name, d1: d1, d2: d2, rank: s.Rank, symmetric: s.Symmetric, seed: s.Seed,
		truthRank: s.TruthRank, kappa: s.Kappa, spacing: s.Spacing, sigma: s.Sigma, support: s.Support,
		noise: s.Noise, outliers: s.Outliers, outlierSize: s.OutlierSize,
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	truth := in.truth()
	b := make([]float64, m)
	s.Operator.NewEval().Apply(b, truth.U, truth.Right(), nil)
	in.disturb(b)
	return Sensing{Operator: s.Operator, B: b, Rank: s.Rank, Scale: s.Scale, Symmetric: s.Symmetric, Truth: truth}.New()
}

// GaussianSensing is [RandomSensing] with m Gaussian sensing matrices. When
// nothing else is said, A, U* and V* have independent N(0, 1) entries, not
// normalised, and b = 𝒜(U*V*ᵀ) exactly: the experiment of [L] Fig 2 a,b.
type GaussianSensing struct {
	D1, D2    int    // shape of M; D2 may be 0 when Symmetric
	Rank      int    // of the factors
	M         int    // number of measurements
	Seed      uint64 // of A, U*, V*, noise and outliers, which have streams of their own
	Scale     Scale  // default ScaleSum
	Symmetric bool   // M = UUᵀ, M* = U*U*ᵀ

	TruthRank int     // rank r* of M*, above or below Rank; default Rank
	Kappa     float64 // condition number κ* ≥ 1 of M*, whose factors then span random signs; default Gaussian factors
	Spacing   Spacing // of the singular values, with Kappa; default SpacingLinear
	Sigma     float64 // largest singular value of M*, with Kappa; default 1
	Support   int     // rows of U* and of V* that are not 0; default all

	Noise       float64 // standard deviation of Gaussian noise on b; default none
	Outliers    float64 // share of the measurements that are grossly wrong, below 1; default none
	OutlierSize float64 // what is added to or taken from those; default 10 times the root mean square of 𝒜(M*)
}

// New draws the problem; the same Seed gives the same problem. Sizes below 1,
// a rank outside 1 … min(d1, d2), M = 0 and options outside their range are
// errors. It stores M·D1·D2 numbers of 8 bytes. Where that is too much,
// RandomSensing with a matrix-free operator.GaussianEnsemble of the same sizes
// and Seed is the same problem, to the bit.
func (g GaussianSensing) New() (*Quadratic, error) {
	if g.Symmetric && g.D2 == 0 {
		g.D2 = g.D1
	}
	if g.D1 < 1 || g.D2 < 1 {
		return nil, fmt.Errorf("problem: GaussianSensing has shape %d×%d; both sizes must be at least 1: %w", g.D1, g.D2, lr.ErrShape)
	}
	if err := checkRank("GaussianSensing", g.D1, g.D2, g.Rank, g.Symmetric); err != nil {
		return nil, err
	}
	op, err := operator.NewGaussian(g.D1, g.D2, g.M, g.Seed)
	if err != nil {
		return nil, err
	}
	return RandomSensing{
		Operator: op, Rank: g.Rank, Seed: g.Seed, Scale: g.Scale, Symmetric: g.Symmetric,
		TruthRank: g.TruthRank, Kappa: g.Kappa, Spacing: g.Spacing, Sigma: g.Sigma, Support: g.Support,
		Noise: g.Noise, Outliers: g.Outliers, OutlierSize: g.OutlierSize,
	}.named("GaussianSensing")
}
