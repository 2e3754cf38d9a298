package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// reach is the part of σ₁* below which what a truth has beyond rank r, or
// beside a positive semidefinite matrix, is rounding.
const reach = 1e-10

// fitTruth returns factors of the truth of x's shape, balanced if x is
// asymmetric, and the r largest singular values of M*.
func fitTruth(who string, x, truth *lr.Factors) (*lr.Factors, []float64, error) {
	if x.Symmetric() && truth.Symmetric() && truth.Rank() <= x.Rank() {
		return fitSymmetric(x, truth)
	}
	t, err := decompose(truth)
	if err != nil {
		return nil, nil, err
	}
	r := x.Rank()
	if s := t.sigma; len(s) > r && s[r] > reach*s[0] {
		return nil, nil, fmt.Errorf("landscape: %s: the truth has a rank above %d, σ = %.3g after σ₁ = %.3g; the point has %d columns and cannot reach it: %w", who, r, s[r], s[0], r, lr.ErrRank)
	}
	t.sigma = t.sigma[:min(r, len(t.sigma))]
	if t.y == nil {
		t.y = t.x
	}
	if x.Symmetric() {
		if err := semidefinite(who, t); err != nil {
			return nil, nil, err
		}
		t.y = nil
	}
	t.balance(x)
	return t.factors, withLength(t.sigma, r), nil
}

// semidefinite returns an error unless X and Y agree where σ is not small.
func semidefinite(who string, t *target) error {
	for k, s := range t.sigma {
		for i := range t.x.RawMatrix().Rows {
			if s*math.Abs(t.x.At(i, k)-t.y.At(i, k)) > math.Sqrt(reach)*t.sigma[0] {
				return fmt.Errorf("landscape: %s: the truth is not symmetric and positive semidefinite; a symmetric point cannot reach it: %w", who, lr.ErrRank)
			}
		}
	}
	return nil
}

// fitSymmetric keeps the factor that was given, with columns of zeros beside it
// when it has fewer than x.
func fitSymmetric(x, truth *lr.Factors) (*lr.Factors, []float64, error) {
	f, err := thinSVD(truth.U)
	if err != nil {
		return nil, nil, err
	}
	for i, s := range f.s {
		f.s[i] = s * s
	}
	d, k := truth.U.Dims()
	u := mat.NewDense(d, x.Rank(), nil)
	u.Slice(0, d, 0, k).(*mat.Dense).Copy(truth.U)
	return &lr.Factors{U: u}, withLength(f.s, x.Rank()), nil
}

// withLength is s with zeros after it, or without its end.
func withLength(s []float64, n int) []float64 {
	out := make([]float64, n)
	copy(out, s)
	return out
}
