package problem

import (
	"fmt"
	"math"

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
	Truth     *lr.Factors // M* where it is known; copied
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
	return newQuadratic("Sensing", s.Operator, s.B, s.Rank, weight, s.Symmetric, s.Truth)
}

func newQuadratic(name string, op lr.Operator, b []float64, rank int, weight float64, symmetric bool, truth *lr.Factors) (*Quadratic, error) {
	d1, d2, m := op.Dims()
	if err := checkRank(name, d1, d2, rank, symmetric); err != nil {
		return nil, err
	}
	if len(b) != m {
		return nil, fmt.Errorf("problem: %s has %d values for %d measurements; they must be as many: %w", name, len(b), m, lr.ErrShape)
	}
	if err := checkFinite(name, b); err != nil {
		return nil, err
	}
	if truth != nil {
		if err := truth.Check(); err != nil {
			return nil, fmt.Errorf("problem: the truth of %s: %w", name, err)
		}
		if t1, t2 := truth.Dims(); t1 != d1 || t2 != d2 {
			return nil, fmt.Errorf("problem: the truth is %d×%d but %s is %d×%d: %w", t1, t2, name, d1, d2, lr.ErrShape)
		}
		truth = truth.Clone()
	}
	return &Quadratic{
		name: name, op: op, b: append([]float64(nil), b...), rank: rank,
		weight: weight, symmetric: symmetric, truth: truth,
	}, nil
}

func checkFinite(name string, b []float64) error {
	for i, v := range b {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("problem: value %d of %s is %v; every value must be finite: %w", i, name, v, lr.ErrValue)
		}
	}
	return nil
}

func checkRank(name string, d1, d2, rank int, symmetric bool) error {
	if symmetric && d1 != d2 {
		return fmt.Errorf("problem: %s is symmetric but its shape is %d×%d; a square one is wanted: %w", name, d1, d2, lr.ErrShape)
	}
	if rank < 1 || rank > min(d1, d2) {
		return fmt.Errorf("problem: %s has rank %d; 1 ≤ rank ≤ min(%d, %d) = %d is wanted: %w", name, rank, d1, d2, min(d1, d2), lr.ErrRank)
	}
	return nil
}

// GaussianSensing is [Sensing] with m Gaussian sensing matrices and a random
// truth: A, U* and V* have independent N(0, 1) entries, not normalised, and
// b = 𝒜(U*V*ᵀ) exactly. This is the experiment of [L] Fig 2 a,b.
type GaussianSensing struct {
	D1, D2    int    // shape of M; D2 may be 0 when Symmetric
	Rank      int    // of M* and of the factors
	M         int    // number of measurements
	Seed      uint64 // of A, U* and V*, which have streams of their own
	Scale     Scale  // default ScaleSum
	Symmetric bool   // M = UUᵀ, M* = U*U*ᵀ
}

// New draws the problem; the same Seed gives the same problem. Sizes below 1,
// a rank outside 1 … min(d1, d2) and M = 0 are errors. It stores M·D1·D2
// numbers of 8 bytes.
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
	truth := &lr.Factors{U: lr.NormalMatrix(lr.Stream(g.Seed, "true U"), g.D1, g.Rank)}
	if !g.Symmetric {
		truth.V = lr.NormalMatrix(lr.Stream(g.Seed, "true V"), g.D2, g.Rank)
	}
	b := make([]float64, g.M)
	op.NewEval().Apply(b, truth.U, truth.Right(), nil)
	return Sensing{Operator: op, B: b, Rank: g.Rank, Scale: g.Scale, Symmetric: g.Symmetric, Truth: truth}.New()
}
